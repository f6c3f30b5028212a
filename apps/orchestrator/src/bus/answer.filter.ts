import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Answer, answerOf } from '@summit/runtime';
import { type Observable, of } from 'rxjs';

/** What a handler throws is its answer. */
@Catch()
export class AnswerFilter implements RpcExceptionFilter<unknown> {
  catch(error: unknown): Observable<Answer> {
    return of(answerOf(error));
  }
}
