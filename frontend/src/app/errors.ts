import { ErrorHandler, Injectable } from '@angular/core';

/** Reports what nobody caught, but for a browser's quirk: a ResizeObserver that delivers the rest in the next frame raises an error event. */
@Injectable()
export class Errors extends ErrorHandler {
  override handleError(error: unknown): void {
    const cause = error instanceof Error ? error.cause : null;
    const event = cause instanceof ErrorEvent ? cause.message : error instanceof Error ? error.message : '';
    if (!event.includes('ResizeObserver loop')) super.handleError(error);
  }
}
