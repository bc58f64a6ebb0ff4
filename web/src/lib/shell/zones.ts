// Browsers list some zones under names that their cities no longer bear; people look for today's.

export const zoneAlias: Record<string, string> = {
	'America/Buenos_Aires': 'Argentina',
	'America/Godthab': 'Nuuk',
	'Asia/Calcutta': 'Kolkata India Mumbai Delhi',
	'Asia/Katmandu': 'Kathmandu Nepal',
	'Asia/Rangoon': 'Yangon Myanmar',
	'Asia/Saigon': 'Ho Chi Minh Vietnam',
	'Asia/Shanghai': 'Beijing China',
	'Atlantic/Faeroe': 'Faroe',
	'Europe/Kiev': 'Kyiv Ukraine',
	'America/New_York': 'Eastern EST EDT',
	'America/Chicago': 'Central CST CDT',
	'America/Denver': 'Mountain MST MDT',
	'America/Los_Angeles': 'Pacific PST PDT',
	'Europe/London': 'GMT BST United Kingdom',
	'Europe/Paris': 'CET CEST France'
};
