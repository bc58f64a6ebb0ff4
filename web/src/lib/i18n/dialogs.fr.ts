// Les mots des fenêtres qui s'ouvrent à la demande : la palette et l'aide.
import type { DialogWords } from './dialogs.en.ts';

const dialogs: DialogWords = {
	palette: {
		placeholder: 'Aller à une page, un salon, un membre, ou taper une commande',
		pages: 'Pages',
		servers: 'Serveurs',
		channels: 'Salons',
		members: 'Membres',
		commands: 'Commandes',
		copyLink: 'Copier un lien vers cette image',
		definitions: 'Voir comment tout est compté',
		themeTo: (theme) => `Thème\u00a0: ${theme}`,
		languageTo: (language) => `Langue\u00a0: ${language}`,
		periodTo: (period) => `Période\u00a0: ${period}`,
		audienceTo: (audience) => `Qui compte\u00a0: ${audience}`,
		hint: '↑↓ pour choisir, Entrée pour y aller, Échap pour fermer'
	},
	help: {
		title: 'Aide',
		keys: 'Clavier',
		palette: 'Recherche et commandes',
		thisHelp: 'Cette aide',
		search: 'Chercher dans la page',
		theme: 'Passer du clair au sombre',
		zoomOut: 'Revenir à la période par défaut',
		then: 'puis',
		documentation: 'Documentation de l’API'
	}
};

export default dialogs;
