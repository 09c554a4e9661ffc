import { clientFrames, ConclaveError, type ClientFrame, type ClientFrameType } from '../../../libs/protocol/src/index.ts';
import { parseBounded } from './bounded-json.ts';

/** Text of a frame → typed. Throws ConclaveError `bad-frame`, which names the field and never repeats what was in it. */
export function readFrame(text: string): ClientFrame {
  const raw = parsed(text);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new ConclaveError('bad-frame', 'a frame is a JSON object');
  const { type } = raw as { type?: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(clientFrames, type))
    throw new ConclaveError('bad-frame', 'type: is none of the frames there are');
  const result = clientFrames[type as ClientFrameType].safeParse(raw);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new ConclaveError(
      'bad-frame',
      `${issue?.path.join('.').slice(0, 100) || 'frame'}: ${issue?.message.slice(0, 200) ?? 'is malformed'}`,
    );
  }
  return result.data;
}

function parsed(text: string): unknown {
  try {
    return parseBounded(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ConclaveError(
      'bad-frame',
      error.message.includes('JSON') ? 'the frame is not well-formed JSON' : `the frame is refused: ${error.message}`,
    );
  }
}
