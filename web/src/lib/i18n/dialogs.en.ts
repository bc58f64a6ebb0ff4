// The words of the dialogs that open on request: the palette and the help.

const dialogs = {
	palette: {
		placeholder: 'Go to a page, a channel, a member, or type a command',
		pages: 'Pages',
		servers: 'Servers',
		channels: 'Channels',
		members: 'Members',
		commands: 'Commands',
		copyLink: 'Copy a link to this picture',
		definitions: 'Show how everything is counted',
		themeTo: (theme: string) => `Theme: ${theme}`,
		languageTo: (language: string) => `Language: ${language}`,
		periodTo: (period: string) => `Period: ${period}`,
		audienceTo: (audience: string) => `Who counts: ${audience}`,
		hint: '↑↓ to choose, Enter to go, Esc to close'
	},
	help: {
		title: 'Help',
		keys: 'Keyboard',
		palette: 'Search and commands',
		thisHelp: 'This help',
		search: 'Search in the page',
		theme: 'Switch between light and dark',
		zoomOut: 'Back to the default period',
		then: 'then',
		documentation: 'API documentation'
	}
};

export type DialogWords = typeof dialogs;
export default dialogs;
