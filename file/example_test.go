package file_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

// examplePortal is a client of a portal that has one file.
func examplePortal() *b24.Hook {
	var p *portal
	p = newPortal(func(r *http.Request, _ int) *answer {
		switch path := r.URL.Path; {
		case strings.Contains(path, "/download/"):
			return whole([]byte("the report"))
		case strings.Contains(path, "/upload/"):
			return jsonReply(200, `{"result":{"ID":9011,"NAME":"report.pdf","SIZE":"10","PARENT_ID":"8930"}}`)
		case strings.Contains(path, "uploadFile"):
			return jsonReply(200, `{"result":{"field":"file","uploadUrl":"`+p.address("upload")+`"}}`)
		case strings.Contains(path, "getchildren"):
			return jsonReply(200, `{"result":[{"ID":"9011","NAME":"report.pdf","TYPE":"file","SIZE":"10","DOWNLOAD_URL":"`+p.address("download")+`"}],"total":1}`)
		case strings.Contains(path, "crm.item.update"):
			return jsonReply(200, `{"result":{"item":{"id":7,"ufCrm7_1":null}}}`)
		default:
			return jsonReply(200, `{"result":{"item":{"id":7,"ufCrm7_1":{"id":5,"urlMachine":"`+p.address("download")+`"}}}}`)
		}
	})
	hook, err := b24.FromWebhookURL("https://"+p.host+"/rest/1/"+secret+"/", b24.WithHTTPClient(&http.Client{Transport: p}))
	if err != nil {
		return nil
	}
	return hook
}

// A file in a field of a record.
func ExamplePair() {
	field := file.Pair(file.File{Name: "contract.txt", Body: strings.NewReader("signed")})
	fmt.Println(field)

	params := b24.Params{"entityTypeId": 2, "id": 7, "fields": b24.Params{"ufCrm7_1": field}}
	_, err := examplePortal().CallMethod(context.Background(), "crm.item.update", params)
	fmt.Println(err)
	// Output:
	// file.Field("contract.txt", 6 bytes)
	// <nil>
}

// crm.item.update deletes the files of a multiple field that are not named.
func ExampleKeep() {
	field := file.Keep("5", "6").Add(file.File{Name: "page 3.txt", Body: strings.NewReader("more")})
	text, err := field.MarshalJSON()
	fmt.Println(string(text), err)
	// Output: [{"id":5},{"id":6},["page 3.txt","bW9yZQ=="]] <nil>
}

// A file that is larger than a field takes goes to Drive, and to a task by its id.
func ExampleUpload() {
	ctx, hook := context.Background(), examplePortal()
	report := file.File{Name: "report.pdf", Body: strings.NewReader("the report")}

	stored, err := file.Upload(ctx, hook, file.Folder("8930"), report)
	if err != nil {
		if b24.MayHaveExecuted(err) {
			// The answer was lost: file.FindUploaded tells whether the file is there.
		}
		fmt.Println(err)
		return
	}
	_, err = hook.CallMethod(ctx, "tasks.task.add", b24.Params{"fields": b24.Params{
		"TITLE": "Read the report", "RESPONSIBLE_ID": 1, "UF_TASK_WEBDAV_FILES": file.Drive(stored.ID),
	}})
	fmt.Println(stored.ID, stored.Size, err)
	// Output: 9011 10 <nil>
}

// All files of a folder.
func ExampleDownload() {
	ctx, hook := context.Background(), examplePortal()
	for row, err := range b24.List[file.Stored](ctx, hook, "disk.folder.getchildren", b24.Params{"id": 8930}, b24.WithPaging(b24.PagingOffset)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		var w bytes.Buffer // or an os.File
		info, err := file.Download(ctx, hook, row.Link, &w, file.WithSize(int64(row.Size)))
		fmt.Println(info.Name, info.Size, w.String(), err)
	}
	// Output: report.bin 10 the report <nil>
}

// The file of a field of a record. The link is asked for again if it expires.
func ExampleWithRenew() {
	ctx, hook := context.Background(), examplePortal()
	link := func(ctx context.Context) (b24.FileURL, error) {
		item, err := b24.Call[struct {
			Contract file.Attached `json:"ufCrm7_1"`
		}](ctx, hook, "crm.item.get", b24.Params{"entityTypeId": 2, "id": 7}, b24.WithResultKey("item"))
		return item.Contract.Link, err
	}
	first, err := link(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	var w bytes.Buffer
	info, err := file.Download(ctx, hook, first, &w, file.WithRenew(link))
	fmt.Println(first, info.Size, w.String(), err)
	// Output: *** 10 the report <nil>
}

// A portal says nothing if a field does not exist, or takes files in another form.
func ExampleWrite() {
	params := b24.Params{"entityTypeId": 2, "id": 7, "fields": b24.Params{
		"ufCrm7_1": file.Pair(file.File{Name: "contract.txt", Body: strings.NewReader("signed")}), // a field of another smart process
	}}
	_, err := file.Write(context.Background(), examplePortal(), "crm.item.update", params,
		file.WithVerify(func(*b24.AjaxResult) (file.Check, error) {
			return file.Check{Path: []string{"item", "ufCrm7_1"}}, nil
		}))
	fmt.Println(errors.Is(err, file.ErrNotStored))
	fmt.Println(err)
	// Output:
	// true
	// b24: crm.item.update: the call was executed, but its files are not confirmed: the portal did not store the files: item.ufCrm7_1 has 0 of 1
}
