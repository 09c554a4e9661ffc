/** What a key means in the composer (MSG6). Null: the browser's own business. */
export type ComposerAct = 'send' | 'edit-last' | 'cancel' | null;

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'isComposing' | 'keyCode'>;
type Situation = { empty: boolean; editing: boolean; touchFirst: boolean };

/** Safari ends a composition before the keydown of its Enter, and marks that one only by this code. */
const IME = 229;

export function composerAct(key: Key, { empty, editing, touchFirst }: Situation): ComposerAct {
  if (key.isComposing || key.keyCode === IME) return null;
  switch (key.key) {
    case 'Enter':
      if (key.ctrlKey || key.metaKey) return 'send';
      return key.shiftKey || key.altKey || touchFirst ? null : 'send';
    case 'ArrowUp':
      return empty && !editing && !key.shiftKey && !key.ctrlKey && !key.metaKey && !key.altKey ? 'edit-last' : null;
    case 'Escape':
      return 'cancel';
    default:
      return null;
  }
}
