// Package b24 calls the REST API of Bitrix24 through an inbound webhook.
//
// [FromWebhookURL] creates a [Hook] from the address that the portal shows. Create one Hook per
// portal and reuse it; it is safe for concurrent use. [Call] calls a method and decodes what it
// returns:
//
//	h, err := b24.FromWebhookURL(os.Getenv("B24_WEBHOOK_URL"))
//	...
//	deal, err := b24.Call[Deal](ctx, h, "crm.deal.get", b24.Params{"id": 12})
//
// # Methods and parameters
//
// Names of methods and fields are those of the REST documentation, including letter case.
// Parameters are anything that encoding/json can marshal as an object; [Ordered] is an object that
// keeps the order of its members. The positional methods task.* take a slice.
//
// # Lists and batches
//
// [List] yields all rows of a list method, complete or with an error at the end, 2,500 rows per
// request if the method allows; see [Hook.FetchListMethod]. [First] takes one row, and [Pages] yields
// rows with the place behind them, to store both together. A [Batch] holds up to 50 typed commands
// for one request, which may refer to each other; see [Hook.CallBatch]. [Each] runs one command for
// each of any number of keys, and [StreamBatch] any number of commands. [Hook.V3] offers the same
// for REST 3.0.
//
// # Errors
//
// An error that the portal returned is an [Error]. Match its code with errors.Is(err,
// b24.ErrNotFound) or errors.Is(err, b24.Code("MY_CODE")). If there is no answer, or an answer that
// is not the portal's, the error is a [TransportError]. Input that cannot be sent is a
// [ParamsError]. A batch with failed commands returns a [BatchError] together with its result, and
// a list that ended early a [ListError]. Both hold the errors of their parts. [OutcomeOf] reports
// for each of them whether the portal may have executed the call:
//
//   - [OutcomeNotSent]: nothing was sent. A repeat is safe.
//   - [OutcomeRefused]: the portal answered that it did not execute the call.
//   - [OutcomeUnknown]: the answer was lost. Check whether a write happened before you repeat it.
//
// # Repeats
//
// A call is repeated only if a repeat cannot execute it twice:
//
//   - A call refused because of the portal's limits ([ErrQueryLimitExceeded],
//     [ErrOperationTimeLimit]), or because the portal could not reach its authorisation server
//     ([ErrConnection] with status 401), is sent again after a wait, up to 20 times, whatever the
//     method does. The exception is a batch of REST 3.0, which may have run in part; see [V3].
//   - A call of which nothing was sent is sent again, up to 3 attempts.
//   - A call whose answer was lost (a timeout, a reset, a gateway's page, a portal that broke down)
//     is sent again, up to 3 attempts, if the method is known to read or the call has
//     [WithIdempotent].
//   - A write of REST 3.0 carries an Idempotency-Key. It is repeated after a lost answer, after a
//     timeout only once 60 s have passed, and never after an answer with an error; see [V3].
//
// Any other failure is final. Waits grow, are partly random, respect Retry-After, and end with the
// context; see [RetryPolicy]. The client follows a renamed portal to its new host, once per call
// and over https only. It also repeats a call once if a web server requires a slash at the end of
// the address.
//
// # Limits
//
// Each request waits its turn: for the operating time of its method, then for the request rate of
// the portal, which all clients of the portal in this process share ([WithPlan],
// [WithOperatingLimit], [WithLimiter]). Refusals are therefore rare. When one comes, the client
// slows down. A wait that would end after the deadline of the context is not started: the call
// fails at once, with an error that matches [context.DeadlineExceeded] and says whether anything
// was sent.
//
// # Values
//
// A portal writes the same value in many ways: ids as text or numbers, yes as "Y", "1" or true, no
// value as null, "", false or []. [ID], [Int], [Float], [Bool], [DateTime], [Date], [Money],
// [Null], [Map] and [Rows] read them all and write the canonical form. [Multifield] is a phone, an
// e-mail address, a site or a messenger.
//
// # Secrets
//
// A webhook's address is a password. It never appears in an error, a log record, a formatted or
// encoded value of this package, or a dump of one. Only [Hook.TargetOriginWithPath] and
// [Secret.Reveal] reveal it. A method, a request id, a command's name, an Idempotency-Key or a user
// agent that contains it is refused. Tokens among parameters are recognized by their names, and
// masked in errors, log records and a formatted [Query]. Values that you build yourself ([Params],
// [Ordered], [Command], [Batch]) are printed unmasked. An error quotes the portal's text, and up to
// 200 characters of an answer that is not the portal's; both may repeat values that were sent.
//
// Package b24test is a fake portal for unit tests. The guides under docs/ have one page per task.
package b24
