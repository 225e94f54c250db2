package b24test_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// post calls a method of the portal; a test would use the code it is about.
func post(p *b24test.Portal, method, body string) (status int, result string) {
	resp, err := p.HTTPClient().Post(p.WebhookURL()+method, "application/json", bytes.NewBufferString(body))
	if _, broken := errors.AsType[*net.OpError](err); broken {
		return 0, "connection reset"
	}
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	data, _ := io.ReadAll(resp.Body)
	var env struct {
		Result json.RawMessage `json:"result"`
		Error  *string         `json:"error"`
	}
	if json.Unmarshal(data, &env) != nil {
		return resp.StatusCode, "no JSON"
	}
	if env.Error != nil {
		return resp.StatusCode, *env.Error
	}
	return resp.StatusCode, string(env.Result)
}

func Example() {
	p, err := b24test.Start() // a test says b24test.NewPortal(t) and needs no Close
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.Seed("crm.deal",
		b24.Params{"ID": 7, "TITLE": "Big", "OPPORTUNITY": 9000},
		b24.Params{"ID": 8, "TITLE": "Small", "OPPORTUNITY": 10},
	)

	fmt.Println(post(p, "crm.deal.list", `{"filter":{">OPPORTUNITY":100},"select":["ID","TITLE"]}`))
	fmt.Println(post(p, "crm.deal.add", `{"fields":{"TITLE":"New"}}`))
	fmt.Println(post(p, "crm.item.get", `{"entityTypeId":2,"id":100}`))
	fmt.Println(p.Rows("crm.deal")[2]["TITLE"])
	// Output:
	// 200 [{"ID":"7","TITLE":"Big"}]
	// 200 9
	// 400 NOT_FOUND
	// New
}

// A portal over TCP for a program in any language, which reads its rows from a file.
func ExamplePortal_SeedJSON() {
	p, err := b24test.Start() // os.Args or a flag may name the file
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	err = p.SeedJSON(strings.NewReader(`{
		"crm.deal": [{"ID": 7, "TITLE": "Big", "OPPORTUNITY": 9000.50}, {"TITLE": "Small"}],
		"v3:tasks.task": [{"title": "Call back"}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}

	resp, err := http.Get(p.WebhookURL() + "crm.deal.get?id=7")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	var env struct {
		Result map[string]any `json:"result"`
	}
	fmt.Println(json.NewDecoder(resp.Body).Decode(&env), env.Result["OPPORTUNITY"])
	fmt.Println(p.SeedJSON(strings.NewReader(`{"crm.deals": []}`)))
	// Output:
	// <nil> 9000.50
	// b24test: seed JSON: crm.deals: the portal has no such entity: did you mean crm.deal? Portal.Define creates an entity
}

func ExamplePortal_Define() {
	p, err := b24test.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.Define("crm.deal", b24test.Field{Name: "UF_CRM_COLOR", Type: "enumeration", Label: "Colour", Items: []string{"Red", "Blue"}})
	p.Define("acme.robot", b24test.Field{Name: "NAME"}) // of a partner's application
	p.Seed("crm.deal", b24.Params{"TITLE": "A car", "UF_CRM_COLOR": 2})

	fmt.Println(post(p, "crm.deal.list", `{"filter":{"UF_CRM_COLOR":2},"select":["ID","UF_CRM_COLOR"]}`))
	fmt.Println(post(p, "acme.robot.add", `{"fields":{"NAME":"R2"}}`))
	// Output:
	// 200 [{"ID":"1","UF_CRM_COLOR":"2"}]
	// 200 1
}

func ExamplePortal_Handle() {
	p, err := b24test.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.Handle("user.current", func(b24test.Request) (any, error) {
		return b24.Params{"ID": "1", "NAME": "Anna"}, nil
	})
	p.Handle("crm.duplicate.findbycomm", func(req b24test.Request) (any, error) {
		if req.Params["type"] != "EMAIL" {
			return nil, &b24.Error{Code: "ERROR_CORE", Description: "Invalid type", Status: http.StatusBadRequest}
		}
		return b24.Params{}, nil // PHP tells an empty map as []
	})

	fmt.Println(post(p, "user.current", `{}`))
	fmt.Println(post(p, "crm.duplicate.findbycomm", `{"type":"EMAIL"}`))
	fmt.Println(post(p, "crm.duplicate.findbycomm", `{}`))
	fmt.Println(post(p, "no.such.method", `{}`))
	// Output:
	// 200 {"ID":"1","NAME":"Anna"}
	// 200 []
	// 400 ERROR_CORE
	// 404 ERROR_METHOD_NOT_FOUND
}

func ExamplePortal_Fault() {
	p, err := b24test.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.Fault("crm.deal.add", b24test.QueryLimitExceeded(), b24test.HTML(http.StatusBadGateway), b24test.ResetAfter())

	for range 4 {
		fmt.Println(post(p, "crm.deal.add", `{"fields":{"TITLE":"once?"}}`))
	}
	fmt.Println(p.Calls("crm.deal.add"), "calls,", p.Executed("crm.deal.add"), "executed")
	// Output:
	// 503 QUERY_LIMIT_EXCEEDED
	// 502 no JSON
	// 0 connection reset
	// 200 2
	// 4 calls, 2 executed
}

func ExamplePortal_Requests() {
	p, err := b24test.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	post(p, "crm.deal.list", `{"filter":{">ID":5},"start":-1}`)

	for _, req := range p.Requests() {
		start, _ := req.Start()
		fmt.Println(req.Method, req.Params, start, req.Executed)
	}
	// Output:
	// crm.deal.list map[filter:map[>ID:5]] -1 true
}

func ExamplePortal_SeedFile() {
	p, err := b24test.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	f := p.SeedFile(b24test.File{Folder: p.SeedFolder("Contracts/2026"), Name: "offer.txt", Content: []byte("hello")})

	_, result := post(p, "disk.file.get", fmt.Sprintf(`{"id":%d}`, f.ID))
	var got struct {
		Link string `json:"DOWNLOAD_URL"`
	}
	if err := json.Unmarshal([]byte(result), &got); err != nil {
		fmt.Println(err)
		return
	}
	p.Fault("download", b24test.CutBody(2))
	for range 2 {
		resp, err := p.HTTPClient().Get(got.Link)
		if err != nil {
			fmt.Println(err)
			return
		}
		data, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		fmt.Printf("%s, %v\n", data, err)
	}
	// Output:
	// he, unexpected EOF
	// hello, <nil>
}
