package b24test_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
)

// postV3 sends a body to a method of REST 3.0 and shows what the portal makes of it.
func postV3(p *b24test.Portal, method, key, body string) {
	req, err := http.NewRequest(http.MethodPost, p.V3().WebhookURL()+method, strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := p.HTTPClient().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _, _ := strings.Cut(string(answer), `,"time"`)
	fmt.Println(resp.StatusCode, resp.Header.Get("Idempotent-Replayed"), text)
}

func ExampleV3_Seed() {
	p, err := b24test.Start() // in a test: b24test.NewPortal(t)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.V3().Seed("user", b24.Params{"id": 1, "name": "Ann"})
	p.V3().Seed("tasks.task",
		b24.Params{"id": 7, "title": "Call back", "responsibleId": 1},
		b24.Params{"id": 8, "title": "Send offer", "responsibleId": 1},
	)
	postV3(p, "tasks.task.list", "", fmt.Sprintf(`{"select":["title","responsible.name"],"filter":%v}`, filter.Gt("id", 7)))
	postV3(p, "tasks.task.add", "key-1", `{"fields":{"title":"Write","creatorId":1,"responsibleId":1}}`)
	postV3(p, "tasks.task.add", "key-1", `{"fields":{"title":"Write","creatorId":1,"responsibleId":1}}`)
	fmt.Println(len(p.V3().Rows("tasks.task")), p.Calls("tasks.task.add"), p.Executed("tasks.task.add"))
	// Output:
	// 200  {"result":{"items":[{"title":"Send offer","responsible":{"name":"Ann"}}]}
	// 200  {"result":{"item":{"id":9,"creatorId":1,"responsibleId":1,"title":"Write"}}
	// 200 true {"result":{"item":{"id":9,"creatorId":1,"responsibleId":1,"title":"Write"}}
	// 3 2 1
}

func ExampleV3_Define() {
	p, err := b24test.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.V3().Define("shop.good", b24test.EntityV3{
		Fields:  map[string]b24test.FieldV3{"name": {Type: b24test.StringV3, NoFilter: true, Required: true}},
		Methods: []string{"list", "add"},
	})
	postV3(p, "shop.good.add", "", `{"fields":{"name":"Lamp"}}`)
	postV3(p, "shop.good.list", "", `{"filter":["name","Lamp"]}`)
	// Output:
	// 200  {"result":{"id":1}
	// 400  {"error":{"code":"BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION","message":"Error during request object validation","validation":[{"message":"Field `name` of `GoodDto` requires the attribute `Filterable`","field":"name"}]}}
}
