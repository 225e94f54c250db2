// Package file moves files to a Bitrix24 portal and back, with any client of package b24.
//
// # Small files in the fields of a record
//
// Most methods take a file as base64 text among their parameters, and each family of methods has a
// form of its own. A portal ignores a wrong form without an error, so the forms have names, and
// none is guessed: [Pair], [Pairs], [Data], [Value], [Base64], and [Keep] for updates.
//
//	f, err := os.Open("contract.pdf")
//	...
//	contract := file.Pair(file.File{Name: "contract.pdf", Body: f})
//	_, err = hook.CallMethod(ctx, "crm.item.update", b24.Params{
//		"entityTypeId": 2, "id": 7, "fields": b24.Params{"ufCrm7_1739432938": contract},
//	})
//
// [Write] with [WithVerify] looks once, after the write, whether the file arrived.
//
// # Drive
//
// [Upload] streams a file of any size to a folder, and [Drive] attaches it to a task or a post by
// its id. An upload whose answer was lost is not repeated: ask [FindUploaded] first.
//
// # Downloads
//
// A [b24.FileURL] decodes from DOWNLOAD_URL of disk.file.get ([Stored]) and from urlMachine of
// crm.item.get ([Attached]). [Download] writes the file, and [Open] reads it. What they report as a
// file is the whole file: a connection that breaks is resumed, and a page, an error, or a cut file
// is an error.
//
//	type Deal struct {
//		Contract file.Attached `json:"ufCrm7_1739432938"`
//	}
//	deal, err := b24.Call[Deal](ctx, hook, "crm.item.get", params, b24.WithResultKey("item"))
//	...
//	info, err := file.Download(ctx, hook, deal.Contract.Link, w)
//
// # Clients
//
// All functions take a [b24.Client]: one of package b24, or your own with a method Unwrap()
// b24.Client that leads to one. Transfers use its HTTP transport, request budget, logger and trace.
// They ignore the Jar and the Timeout of an HTTP client of yours: cookies would change who asks, and
// a file takes as long as it takes. Instead of [b24.WithTimeout], [WithStallTimeout] applies.
package file
