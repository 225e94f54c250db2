// Package b24 calls the REST API of Bitrix24 through an inbound webhook.
//
// [FromWebhookURL] makes a [Hook] from the address the portal shows; keep it, it
// serves any number of goroutines. [Call] calls a method and decodes what it
// returns:
//
//	h, err := b24.FromWebhookURL(os.Getenv("B24_WEBHOOK_URL"))
//	...
//	deal, err := b24.Call[Deal](ctx, h, "crm.deal.get", b24.Params{"id": 12})
//
// # Methods and parameters
//
// Names of methods and fields are those of the REST documentation, letter case
// included. Parameters are anything that encoding/json can marshal as an object;
// [Ordered] is an object that keeps the order of its members. The positional
// methods task.* take a slice.
//
// # Lists and batches
//
// [List] yields all rows of a list method, complete or with an error at the end,
// 2,500 rows a request where the method allows; see [Hook.FetchListMethod]. A
// [Batch] holds up to 50 typed commands for one request, which may refer to each
// other; see [Hook.CallBatch]. [StreamBatch] calls any number of commands. Over
// REST 3.0 the same is offered by [Hook.V3].
//
// # Errors
//
// What the portal said is an [Error]: its code is matched with
// errors.Is(err, b24.ErrNotFound) or errors.Is(err, b24.Code("MY_CODE")). No
// answer of the portal, or one that is not its own, is a [TransportError]. Input
// that cannot be sent is a [ParamsError]. A batch in which commands failed gives a
// [BatchError] beside its result, a list that ended early a [ListError]; both hold
// the errors of their parts. [OutcomeOf] tells for each of them whether the portal
// may have executed the call:
//
//   - [OutcomeNotSent]: nothing was sent; repeat it at will.
//   - [OutcomeRefused]: the portal answered that it did not do it.
//   - [OutcomeUnknown]: an answer was lost. Look before you repeat a write.
//
// # Repeats
//
// A call is repeated only where that cannot do it twice:
//
//   - A refusal for the portal's limits ([ErrQueryLimitExceeded],
//     [ErrOperationTimeLimit]), or one because the portal could not reach its
//     authorisation server ([ErrConnection] with status 401), is waited out, 20 times
//     at most, whatever the method does; only a batch of REST 3.0 may have run in part,
//     see [V3].
//   - A call of which nothing was sent is sent again, 3 attempts in all.
//   - A lost answer (a timeout, a reset, a gateway's page, a portal that broke down)
//     is asked for again, 3 attempts in all, where the method is known to read or the
//     call has [WithIdempotent].
//   - A write of REST 3.0 carries an Idempotency-Key. It is repeated after a lost
//     answer, after a timeout only once 60 s are over, and never after an answer with
//     an error; see [V3].
//
// Any other failure is final. The waits grow, are random in part, keep to
// Retry-After, and end with the context; see [RetryPolicy]. A portal that was
// renamed is followed to its new host, once a call and over https only, and a call is made
// again where a web server wants a slash at the end of its address.
//
// # Limits
//
// Each request waits its turn: for the operating time of its method, then for the
// request rate of the portal, which all clients of the portal in this process
// share ([WithPlan], [WithOperatingLimit], [WithLimiter]). So a portal need not
// refuse anything; where it does, the client goes slower. A wait that would end
// after the deadline of the context is not started: the call fails at once, with an
// error that matches [context.DeadlineExceeded] and says whether anything was sent.
//
// # Values
//
// A portal writes the same thing in many ways: ids as text or number, yes as
// "Y", "1" or true, nothing as null, "", false or []. [ID], [Int], [Float],
// [Bool], [DateTime], [Date], [Money], [Null], [Map] and [Rows] read them all and
// write the canonical one.
//
// # Secrets
//
// A webhook's address is a password. It reaches no error, no log record, no
// formatted or encoded value of this package and no dump of one; only
// [Hook.TargetOriginWithPath] and [Secret.Reveal] return it. A method, a request id,
// a command's name, an Idempotency-Key or a user agent that holds it is refused.
// Tokens among parameters are masked, by their names, in errors, log records and a
// formatted [Query]. What the caller made prints as it is: [Params], [Ordered],
// [Command], [Batch]. An error quotes what the portal said and up to 200 characters of
// an answer that is not the portal's; both may repeat values that were sent.
//
// Package b24test is a fake portal for unit tests. The guides under docs/ go task by
// task.
package b24
