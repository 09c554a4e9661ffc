import { t } from '../ui/language.ts';

/** Where each browser keeps what a site may show; nothing is decided on it, only named (PRES4). */
export function permissionHelp(agent: string): string {
  if (/iPhone|iPad/.test(agent))
    return t('Add this site to your Home Screen first, then open Settings, Notifications, and allow it there.');
  if (/Android/.test(agent)) return t('Press the icon left of the address, then Permissions, then Notifications, and allow them.');
  if (/Firefox\//.test(agent))
    return t('Press the icon left of the address, take the blocked permission for notifications away, and try again.');
  if (/Edg\/|Chrome\//.test(agent)) return t('Press the icon left of the address, then Site settings, then Notifications: Allow.');
  if (/Safari\//.test(agent)) return t('Open Safari, Settings, Websites, Notifications, and allow this site there.');
  return t('Open the settings of your browser for this site, and allow notifications there.');
}
