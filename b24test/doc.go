// Package b24test is a fake Bitrix24 portal for unit tests: a real HTTP server that answers as a portal does, in memory or on loopback.
//
// [NewPortal] starts one and the end of the test closes it. Point the code under test at
// [Portal.WebhookURL]; with [Portal.HTTPClient] the connections stay in memory, which is what a
// test inside a testing/synctest bubble needs. Outside a test, use [Start] and [Portal.Close].
//
// What the portal knows:
//
//   - rows, see [Portal.Seed]: the *.list, get, add, update and delete methods of deals, leads, companies, contacts, quotes, activities, of
//     crm.item.* with an entityTypeId, of tasks, user.add and user.update, and the lists of users, departments, workgroups, lists, workflows, documents, chats, calls, the Drive,
//     the catalog, orders and bookings, with filter, order, select and pages as each of them has them;
//   - rows of REST 3.0, see [Portal.V3] and [V3.Seed], with its filter, select, relations, pages, tails and batches, and with Idempotency-Key;
//   - batch, with a portal's own rules and surprises, see below;
//   - methods of your own, see [Portal.Handle] and [V3.Handle]; they come before the rows;
//   - everything else is an unknown method, and is refused as a portal refuses it.
//
// [Portal.Fault] injects faults. [Portal.Requests], [Portal.Calls] and [Portal.Executed] report
// what arrived and what ran. The guide docs/testing.md has a complete test to copy.
//
// # What it imitates
//
// Parameters are read by PHP's rules: the query string first, then a JSON or form body; a body that
// is not valid JSON is silently ignored; the top-level names auth, access_token, auth_connector,
// ap, aplogin, sessid, state, method and start never reach a method. Answers are written by PHP's
// rules: every empty map is [], a map with the keys 0 to n-1 is a list, slashes and <>&'" are
// escaped.
//
// An answer to crm.item.list or user.get without an order comes in an order that looks accidental and is the same each time:
// a portal promises none. Without a select the classic CRM lists leave out UF_ fields and phones, e-mails, sites and messengers.
// A select is taken literally: without the id in it the rows have none, except for the classic CRM, tasks and a few others, which add the id themselves.
//
// # Lists
//
// Filters, orders and pages are read as the PHP behind each method reads them, with its surprises:
//
//   - Letter case counts in some methods and not in others. A name that is not known is ignored (classic CRM, catalog, users), refused (crm.item.list)
//     or gives an empty list without an error (tasks.api.scrum.*.list). What is known is what the documentation names and what a seeded row has;
//     UF_ and PARENT_ID_ fields of the classic CRM always are.
//   - The key logic at the top of a filter joins everything that stands there if an ORM gets the filter; elsewhere it is a field that is not known.
//     Keys that are numbers are groups of conditions to some methods and nothing to others.
//   - false and null ask for what is empty, or say nothing; "0" is a value. A query string, and therefore a batch, cannot express false.
//   - An empty list is no condition, matches nothing, or is an error, depending on the method.
//   - user.get ignores everything next to FILTER. With [WithOldUsers] it also ignores conditions with an operator.
//   - Rows may come several times, or be fewer than a page: an item of crm.item.list comes once for each of the contacts that a filter names, before the
//     page is cut; an activity of crm.activity.list stands once for each of its BINDINGS; a task of bizproc.task.list for each of its USERS; a dialog of
//     im.recent.list has as many records as were seeded with its id.
//   - total and next may promise rows that never come: see [Portal.SeedHidden]. Others count the rows of the page, or go by a start that the page ignores.
//   - Orders with ties, such as that of sale.propertyrelation.list, differ from request to request.
//   - offset of im.v2.Event.get and imbot.v2.Event.get deletes the events below it.
//
// # Writing
//
// CRM records have two families of methods: crm.lead.* and crm.item.* with entityTypeId 1 have the
// same rows, and so do deals (2), contacts (3), companies (4) and quotes (7). A change through one
// family is visible in the other, with its own names and types.
//
// A write silently drops fields that the portal does not know: an undocumented field, one in
// another letter case (title for TITLE), a read-only one (ID, DATE_CREATE), and in an update one
// that only an add may set (CATEGORY_ID of a deal). Custom fields (UF_CRM_...), those that lead to
// other records (PARENT_ID_130) and those of seeded rows are kept. An entity that the package has
// no table of takes any field. A classic add without fields makes an empty record; a task without a
// title is refused.
//
// PHONE, EMAIL, WEB, IM and LINK of leads, contacts and companies, fm in crm.item.*, are rows with ids. In an update a row without an id is one more, a
// row with an id changes that one and deletes it if its value is empty, and rows that are not sent stay.
//
// A value is stored by the type of its field as PHP makes it: true as 1, false and null as nothing, a list in place of a text as Array. A flag is Y or N,
// read in another way for each entity: by letter and PHP's idea of true for deals and the like, by Y and true alone for tasks. So "0" of a batch is
// not the false of a call. Of custom fields a portal knows the types; here one that held true is a flag, and one that held a list has several values.
//
// Every portal has category 0: crm.category.list returns it for deals, contacts and companies, and
// deals belong to it by default.
//
// # Batches
//
// A batch runs its commands one after another, in the order in which they came. A command is a
// text; anything else is silently skipped. Its parameters are read as PHP reads a query string, so
// all values are text, and more than 1000 of them are cut off. References such as
// $result[name][0][ID] follow the portal's rules, with their surprises: one that finds nothing
// becomes everything at its last existing step. With halt nothing is run after an error; "N" and
// "false" are halt, too. The 51st command and those after it are refused one by one. A section of
// the answer is a list if its keys came as 0, 1, 2 and so on, else an object.
//
// Commands are counted under their own method by [Portal.Calls] and [Portal.Executed] and stand in [Portal.Requests] after their batch;
// [Portal.HTTPRequests] leaves them out. A [Portal.Fault] for their method finds them in the batch too. [WithTimeLimit] says how long a batch may take.
// [Portal.Handle] puts a handler of your own in place of all this.
//
// # Limits
//
// A portal has no limits by default. [WithQueryLimit] limits the requests per second, and
// [WithOperatingLimit] the operating time of a method. Both go by the clock alone, and so are exact
// in the fake time of testing/synctest.
//
// The query limit counts every request to the REST API: of both versions together, a batch as one, and those that fail for another reason too.
// A refused request is not counted, takes no fault from the queue of [Portal.Fault] and no time. The answer has status 503 and is in both versions
// that of the classic API. A refused caller is let in again once a whole request has drained.
//
// Operating time is what [WithOperatingCost] and [Result] say a call costs, not the time it took. It is counted for each webhook, method and API version
// in ten buckets, one a minute of the clock, and recorded when the call ends, in the minute in which it began. As on a portal, neither a call of 100 ms
// or less nor one that ends in an error is recorded. A method whose last ten minutes hold more than the limit is refused before it runs: with status 429
// and OPERATION_TIME_LIMIT, or the RATELIMITEXCEPTION of REST 3.0. The call that goes over the limit still runs, and so does any number of them at once.
// In an answer time.operating is the sum with that call, and time.operating_reset_at ten minutes after the first call of the oldest bucket;
// as a bucket leaves with its minute, that is up to a minute later than need be.
//
// In a batch each command is counted for its own method, and one whose method is blocked gives a
// row of result_error. Each row of result_time reports the time of its method, and the batch itself
// the highest of them. [WithBatchCharged] changes that.
//
// [WithLatency] makes calls take the time they cost.
//
// All methods of a [Portal] may be called from many goroutines at once.
package b24test
