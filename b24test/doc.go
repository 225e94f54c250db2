// Package b24test is a fake Bitrix24 portal for unit tests: a real HTTP server that answers as a
// portal does, in memory or on loopback.
//
// [NewPortal] starts a portal, and the end of the test closes it. Point the code under test at
// [Portal.WebhookURL]. With [Portal.HTTPClient] the connections stay in memory, which a test inside
// a testing/synctest bubble needs. Outside a test, use [Start] and [Portal.Close].
//
// The portal answers:
//
//   - methods with rows, see [Portal.Seed]: the *.list, get, add, update and delete methods of
//     deals, leads, companies, contacts, quotes, activities, of crm.item.* with an entityTypeId and
//     of tasks, user.add and user.update, and the lists of users, departments, workgroups, lists,
//     workflows, documents, chats, calls, the Drive, the catalog, orders and bookings, each with
//     its own filter, order, select and pages;
//   - methods with rows of REST 3.0, see [Portal.V3] and [V3.Seed], with filter, select, relations,
//     pages, tails and batches, and with Idempotency-Key;
//   - batch, with a portal's own rules and surprises, see below;
//   - the writes of requisites, product rows, activities, the catalog, orders, workflows, calls,
//     messages and calendars, which check what they refer to, on a portal with usual presets;
//   - files: the storages, folders and files of the Drive, uploads and downloads by signed links,
//     files in custom fields of the CRM, in products and in tasks, and records of calls, see below
//     and [Portal.SeedFile];
//   - the methods of entities you add, see [Portal.Define] and [V3.Define];
//   - methods that set a portal up: crm.type.add, crm.category.add and crm.status.add with their get,
//     update and delete. A new smart process has crm.item.* and a category, and a new category has
//     stages. Every portal has the usual stages, sources and the like, unless a test has seeded
//     crm.status;
//   - methods about the portal itself: profile, scope, methods, method.get, user.admin, user.access,
//     feature.get, app.info and server.time, for the webhook of an administrator with all
//     permissions; profile returns the seeded user with the id of the webhook;
//   - methods you add, see [Portal.Handle] and [V3.Handle]; they take precedence over the rows;
//   - any other method with the error a portal returns for an unknown method, and with a line in the
//     log of the test that says how to add it.
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
// Without an order, crm.item.list and user.get return rows in an order that looks random but is the
// same each time, because a portal does not guarantee one. Without a select, the classic CRM lists
// omit UF_ fields, phones, e-mails, sites and messengers. A select is taken literally: if it does
// not name the id, the rows have no id. The classic CRM, tasks and a few others are exceptions and
// add the id themselves.
//
// # Lists
//
// Filters, orders and pages are read as the PHP behind each method reads them, with its surprises:
//
//   - Some methods are sensitive to letter case, others are not. An unknown name is ignored
//     (classic CRM, catalog, users), refused (crm.item.list) or gives an empty list without an
//     error (tasks.api.scrum.*.list). The names that the documentation or a seeded row contains are
//     known; UF_ and PARENT_ID_ fields of the classic CRM always are.
//   - If a filter is passed to an ORM, the key logic at its top level joins all conditions of that
//     level; elsewhere it is an unknown field. Some methods read numeric keys as groups of
//     conditions, others ignore them.
//   - false and null match empty values or are ignored; "0" is a value. A query string, and
//     therefore a batch, cannot express false.
//   - An empty list is no condition, matches nothing, or is an error, depending on the method.
//   - user.get ignores everything next to FILTER. With [WithOldUsers] it also ignores conditions
//     with an operator.
//   - A row may appear several times, and a page may be short: an item of crm.item.list appears
//     once for each of the contacts that a filter names, before the page is cut; an activity of
//     crm.activity.list appears once for each of its BINDINGS; a task of bizproc.task.list once for
//     each of its USERS; a dialog of im.recent.list has as many records as were seeded with its id.
//   - total and next may promise rows that never come, see [Portal.SeedHidden]. In some methods
//     they count only the rows of the page, or follow a start that the page ignores.
//   - Orders with ties, such as that of sale.propertyrelation.list, differ from request to request.
//   - The parameter offset of im.v2.Event.get and imbot.v2.Event.get deletes the events below it.
//
// # Writing
//
// CRM records have two families of methods: crm.lead.* and crm.item.* with entityTypeId 1 have the
// same rows, and so do deals (2), contacts (3), companies (4) and quotes (7). A change through one
// family is visible in the other, with its own names and types.
//
// A write silently drops fields that the portal does not know: an undocumented field, one in
// another letter case (title for TITLE), a read-only one (ID, DATE_CREATE), and in an update one
// that only an add may set (CATEGORY_ID of a deal). Fields that refer to other records
// (PARENT_ID_130) and the fields of seeded rows are kept, and custom fields (UF_CRM_...) if the
// entity has them: as soon as [Portal.Define], a seeded row or a request has named one, the others
// are unknown; before that, any is kept. If the package has no field table for an entity, the entity
// takes any field. A classic add without fields makes an empty record; a task without a title is
// refused. The log of the test names what was dropped, see [NewPortal].
//
// PHONE, EMAIL, WEB, IM and LINK of leads, contacts and companies, fm in crm.item.*, are rows with
// ids. In an update, a row without an id is added, a row with an id changes the existing one or
// deletes it if the value is empty, and rows that are not sent stay.
//
// The CRM and tasks read times as PHP's strtotime does, in writes and in filters, and store them in
// whole seconds, in UTC: "yesterday" is a time, a fraction is dropped, and what PHP cannot read is
// dropped by a write. In a filter it means "no time" to the CRM, and 1970 to tasks.
//
// A value is stored as PHP converts it to the type of its field: true as 1, false and null as an
// empty value, a list in a text field as Array. A flag is Y or N. How it is read depends on the
// entity: deals and the like accept the letter and PHP's idea of true, tasks accept Y and true
// only. So "0" of a batch is not the false of a call. A portal knows the types of custom fields:
// [Portal.Define] sets them. Without it, a custom field that held true is a flag, and one that held
// a list has several values.
//
// Every portal has category 0: crm.category.list returns it for deals, contacts and companies, and
// deals belong to it by default.
//
// # Files
//
// The methods of the Drive, fields of type file (see [Portal.Define]) and records of calls share one
// set of files; [Portal.Files] returns them. A file is held in memory up to 16 MiB, see
// [WithKeptFiles]. Of a larger upload the portal keeps the size and the SHA-256 only, except if its
// bytes are those of [FileContent], which need no memory: upload that to test with gigabytes.
//
// disk.folder.uploadfile and telephony.externalcall.attachrecord without content return an address
// to upload to; disk.storage.uploadfile needs the content. A portal does not forget the address: a
// second upload to it is refused because the name is taken, or with generateUniqueName is a second
// file. A folder that does not exist is refused at the second step only.
//
// DOWNLOAD_URL, uploadUrl and urlMachine are signed: they hold the secret of the webhook in the path
// and once more in base64, and they live as long as the webhook. [WithLinkLife] and
// [Portal.ExpireLinks] end them as those of an application end. They need no method call and take no
// operating time, but [WithQueryLimit] counts them. A download honours one Range and refuses several
// with 416; it has no ETag and ignores If-Range. Addresses for a browser (DETAIL_URL, url, showUrl,
// downloadUrl) give a login page, a redirect to it, or a refusal in JSON. The addresses of a
// product's files are relative and unsigned: only catalog.product.download gives the file.
//
// What a write sends in a wrong form is not an error. crm.item.* reads a pair of name and content,
// base64 alone, and {"id": 5} for a file that stays; anything else empties the field, and so does
// fileData. The older methods read {"fileData": [name, content]} only; anything else leaves a field
// of one file unchanged and empties a field of several. A property of a product reads {"value":
// {"fileData": [name, content]}}, in a list if it has several; the field is dropped if one of them
// cannot be read. Bytes that are not base64 are skipped, so a prefix "data:" makes another file of
// it. Fields of files in lists, in timeline comments and in chats hold whatever is written. The Drive
// replaces <>:"|?* and emoji in the name of an upload.
//
// [CutBody] and [StallBody] interrupt a download, [CutUpload] and [StallUpload] the body of an
// upload, under the methods "download" and "upload" of [Portal.Fault]; the method of an address
// outside the REST API is "". [Redirect] with [Portal.BucketURL] leads to a cloud storage.
//
// # Batches
//
// A batch runs its commands one after another, in the order in which they arrived. A command is a
// text; anything else is silently skipped. Its parameters are read as PHP reads a query string, so
// all values are text, and parameters after the first 1000 are dropped. References such as
// $result[name][0][ID] follow the portal's rules, with their surprises: a reference that finds
// nothing is replaced by everything at its last existing step. With halt, nothing runs after an
// error; "N" and "false" also mean halt. The 51st command and those after it are refused one by
// one. A section of the answer is a list if its keys came as 0, 1, 2 and so on, otherwise an
// object.
//
// [Portal.Calls] and [Portal.Executed] count commands under their own method, and [Portal.Requests]
// lists them after their batch; [Portal.HTTPRequests] leaves them out. A [Portal.Fault] for their
// method also applies to them in a batch. [WithTimeLimit] sets how long a batch may take.
// [Portal.Handle] with the method batch replaces all this with your own handler.
//
// # Limits
//
// A portal has no limits by default. [WithQueryLimit] limits the requests per second, and
// [WithOperatingLimit] the operating time of a method. Both depend on the clock alone, so they are
// exact in the fake time of testing/synctest.
//
// The query limit counts every request to the REST API: both versions together, a batch as one
// request, and requests that fail for another reason too. A refused request is not counted, takes
// no fault from the queue of [Portal.Fault] and takes no time. The answer has status 503 and the
// form of the classic API, in both versions. A refused caller is admitted again once a whole
// request has drained.
//
// Operating time is the cost that [WithOperatingCost] and [Result] give a call, not the time it
// took. It is counted for each webhook, method and API version in ten buckets, one for each minute
// of the clock, and recorded when the call ends, in the minute in which it began. As on a portal, a
// call of 100 ms or less is not recorded, nor is one that ends in an error. A method whose last ten
// minutes hold more than the limit is refused before it runs: with status 429 and
// OPERATION_TIME_LIMIT, or with RATELIMITEXCEPTION in REST 3.0. The call that exceeds the limit
// still runs, and so does any number of simultaneous ones. In an answer, time.operating is the sum
// including that call, and time.operating_reset_at is ten minutes after the first call of the
// oldest bucket; because a bucket expires with its minute, that is up to a minute later than
// necessary.
//
// In a batch, each command is counted for its own method, and a command whose method is blocked
// gives a row of result_error. Each row of result_time reports the time of its method, and the
// batch itself the highest of them. [WithBatchCharged] changes that.
//
// [WithLatency] makes calls take the time they cost.
//
// All methods of a [Portal] are safe for concurrent use.
package b24test
