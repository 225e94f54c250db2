package b24test_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// withFileFields starts a portal whose deals have a field for one file and a field for several.
func withFileFields(t *testing.T) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Define("crm.deal",
		b24test.Field{Name: "UF_CRM_ONE", Type: "file"}, b24test.Field{Name: "UF_CRM_MANY", Type: "file", Multiple: true})
	p.Seed("crm.deal", b24.Params{
		"ID":         5,
		"UF_CRM_ONE": p.SeedFieldFile(b24test.File{Name: "old.txt", Content: []byte("old")}).FileID,
		"UF_CRM_MANY": []any{
			p.SeedFieldFile(b24test.File{Name: "m1.txt", Content: []byte("m1")}).FileID, p.SeedFieldFile(b24test.File{Name: "m2.txt", Content: []byte("m2")}).FileID,
		},
	})
	return p
}

// contents lists the files of the portal: name=content, or the content alone if the name is a random one.
func contents(p *b24test.Portal) []string {
	list := []string{}
	for _, f := range p.Files() {
		if len(f.Name) == 32 {
			list = append(list, "random="+string(f.Content))
			continue
		}
		list = append(list, f.Name+"="+string(f.Content))
	}
	return list
}

func TestFilesOfItems(t *testing.T) {
	t.Parallel()
	p := withFileFields(t)
	a := call(t, p, "crm.item.get", `{"entityTypeId":2,"id":5}`)
	one := a.field(t, "result", "item", "ufCrmOne")
	address := one.(map[string]any)["urlMachine"].(string)
	assert.Contains(t, address, "/rest/1/"+p.Secret()+"/crm.controller.item.getFile/?token=crm%7C")
	assert.Contains(t, one.(map[string]any)["url"], "/bitrix/services/main/ajax.php?action=crm.controller.item.getFile&SITE_ID=s1&entityTypeId=2&id=5&fieldName=UF_CRM_ONE&fileId=1001")
	file := get(t, p, address)
	assert.Equal(t, "old", file.Body)
	assert.Equal(t, `attachment; filename="old.txt"; filename*=utf-8''old.txt`, file.Header.Get("Content-Disposition"))
	page := get(t, p, one.(map[string]any)["url"].(string))
	assert.Equal(t, http.StatusUnauthorized, page.Status)
	assert.Contains(t, page.Body, `"invalid_authentication"`)
	many := a.field(t, "result", "item", "ufCrmMany").([]any)
	require.Len(t, many, 2)
	assert.Equal(t, "m2", get(t, p, many[1].(map[string]any)["urlMachine"].(string)).Body)
	listed := call(t, p, "crm.item.list", `{"entityTypeId":2,"select":["id","ufCrmOne"],"useOriginalUfNames":"Y"}`)
	assert.Equal(t, json.Number("1001"), listed.field(t, "result", "items", 0, "UF_CRM_ONE", "id"))

	call(t, p, "crm.item.update", `{"entityTypeId":2,"id":5,"fields":{"ufCrmOne":["new.txt","bmV3"]}}`)
	assert.JSONEq(t, `null`, a2json(t, get(t, p, address).field(t, "result")), "a link to what the field no longer has answers nothing, without an error")
	assert.Equal(t, []string{"m1.txt=m1", "m2.txt=m2", "new.txt=new"}, contents(p))
}

// What crm.item.update reads as a file, and what it makes of the rest without an error.
func TestFormatsOfItems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fields string
		want   []string
	}{
		{`"ufCrmOne":["a.txt","YQ=="]`, []string{"m1.txt=m1", "m2.txt=m2", "a.txt=a"}},
		{`"ufCrmOne":{"name":"a.txt","content":"YQ=="}`, []string{"m1.txt=m1", "m2.txt=m2", "a.txt=a"}},
		{`"ufCrmOne":"YQ=="`, []string{"m1.txt=m1", "m2.txt=m2", "random=a"}},
		{`"ufCrmOne":{"id":1001}`, []string{"old.txt=old", "m1.txt=m1", "m2.txt=m2"}},
		{`"ufCrmOne":{"id":1002}`, []string{"m1.txt=m1", "m2.txt=m2"}},
		{`"ufCrmOne":{"fileData":["a.txt","YQ=="]}`, []string{"m1.txt=m1", "m2.txt=m2"}}, // that of the older methods: the file is lost
		{`"ufCrmOne":["a.txt",""]`, []string{"m1.txt=m1", "m2.txt=m2"}},
		{`"ufCrmOne":""`, []string{"m1.txt=m1", "m2.txt=m2"}},
		{`"ufcrmone":["a.txt","YQ=="]`, []string{"old.txt=old", "m1.txt=m1", "m2.txt=m2"}}, // another name
		{`"ufCrmMany":[{"id":1002},["a.txt","YQ=="]]`, []string{"old.txt=old", "m1.txt=m1", "a.txt=a"}},
		{`"ufCrmMany":[["a.txt","YQ=="]]`, []string{"old.txt=old", "a.txt=a"}},
		{`"ufCrmMany":["a.txt","YQ=="]`, []string{"old.txt=old", "random=j\xdcm", "random=a"}}, // each text is a file
		{`"ufCrmMany":[1002,1003]`, []string{"old.txt=old", "random=\xd7M6", "random=\xd7M7"}},
		{`"ufCrmMany":{"id":1002}`, []string{"old.txt=old", "random=\xd7M6"}},
		{`"ufCrmMany":""`, []string{"old.txt=old"}},
		{`"ufCrmMany":[]`, []string{"old.txt=old"}},
		{`"title":"x"`, []string{"old.txt=old", "m1.txt=m1", "m2.txt=m2"}},
	} {
		p := withFileFields(t)
		a := call(t, p, "crm.item.update", `{"entityTypeId":2,"id":5,"fields":{`+tt.fields+`}}`)
		assert.Equal(t, http.StatusOK, a.Status, tt.fields)
		assert.Equal(t, tt.want, contents(p), tt.fields)
	}
	p := b24test.NewPortal(t, b24test.WithMemory())
	call(t, p, "catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Texts","propertyType":"S","multiple":"Y"}}`)
	added := call(t, p, "catalog.product.add", `{"fields":{"iblockId":23,"name":"Shirt","property1":{"value":"cotton"}}}`)
	assert.NotContains(t, added.Body, "cotton", "several values must be a list")
	added = call(t, p, "catalog.product.add", `{"fields":{"iblockId":23,"name":"Shirt","property1":[{"value":"cotton"},"wool"]}}`)
	assert.Contains(t, added.Body, "cotton")
	assert.Contains(t, added.Body, "wool")
}

// What crm.deal.update reads as a file: it has no way to keep the files of a field with several.
func TestFormatsOfOlderMethods(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fields string
		want   []string
	}{
		{`"UF_CRM_ONE":{"fileData":["a.txt","YQ=="]}`, []string{"m1.txt=m1", "m2.txt=m2", "a.txt=a"}},
		{`"UF_CRM_ONE":{"fileData":"YQ=="}`, []string{"m1.txt=m1", "m2.txt=m2", "random=a"}},
		{`"UF_CRM_ONE":{"fileData":["YQ=="]}`, []string{"m1.txt=m1", "m2.txt=m2", "random=a"}},
		{`"UF_CRM_ONE":["a.txt","YQ=="]`, []string{"old.txt=old", "m1.txt=m1", "m2.txt=m2"}},
		{`"UF_CRM_ONE":{"fileData":["a.txt",""]}`, []string{"old.txt=old", "m1.txt=m1", "m2.txt=m2"}},
		{`"UF_CRM_ONE":"x"`, []string{"old.txt=old", "m1.txt=m1", "m2.txt=m2"}},
		{`"UF_CRM_ONE":{"id":1001,"remove":"y"}`, []string{"m1.txt=m1", "m2.txt=m2"}},
		{`"UF_CRM_MANY":[{"fileData":["a.txt","YQ=="]}]`, []string{"old.txt=old", "a.txt=a"}},
		{`"UF_CRM_MANY":{"fileData":["a.txt","YQ=="]}`, []string{"old.txt=old", "a.txt=a"}},
		{`"UF_CRM_MANY":[{"id":1002}]`, []string{"old.txt=old"}},
		{`"UF_CRM_MANY":[["a.txt","YQ=="]]`, []string{"old.txt=old"}},
	} {
		p := withFileFields(t)
		a := call(t, p, "crm.deal.update", `{"id":5,"fields":{`+tt.fields+`}}`)
		assert.Equal(t, true, a.field(t, "result"), tt.fields)
		assert.Equal(t, tt.want, contents(p), tt.fields)
	}
	p := b24test.NewPortal(t, b24test.WithMemory())
	call(t, p, "catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Texts","propertyType":"S","multiple":"Y"}}`)
	added := call(t, p, "catalog.product.add", `{"fields":{"iblockId":23,"name":"Shirt","property1":{"value":"cotton"}}}`)
	assert.NotContains(t, added.Body, "cotton", "several values must be a list")
	added = call(t, p, "catalog.product.add", `{"fields":{"iblockId":23,"name":"Shirt","property1":[{"value":"cotton"},"wool"]}}`)
	assert.Contains(t, added.Body, "cotton")
	assert.Contains(t, added.Body, "wool")
}

// The older methods return addresses that need a session.
func TestFilesOfOlderMethods(t *testing.T) {
	t.Parallel()
	p := withFileFields(t)
	a := call(t, p, "crm.deal.get", `{"id":5}`)
	const page = "/bitrix/components/bitrix/crm.deal.show/show_file.php?"
	assert.Equal(t, map[string]any{
		"id": json.Number("1001"), "showUrl": page + "ownerId=5&fieldName=UF_CRM_ONE&dynamic=Y&fileId=1001",
		"downloadUrl": page + "auth=&ownerId=5&fieldName=UF_CRM_ONE&dynamic=Y&fileId=1001",
	}, a.field(t, "result", "UF_CRM_ONE"))
	assert.Len(t, a.field(t, "result", "UF_CRM_MANY"), 2)
	origin, _, _ := strings.Cut(p.WebhookURL(), "/rest/")
	got := get(t, p, origin+page+"auth=&ownerId=5&fieldName=UF_CRM_ONE&dynamic=Y&fileId=1001")
	assert.Equal(t, 200, got.Status)
	assert.Contains(t, got.Header.Get("Content-Type"), "text/html")
	id := a2json(t, call(t, p, "crm.deal.add", `{"fields":{"TITLE":"x","UF_CRM_ONE":{"fileData":["a.txt","YQ=="]}}}`).field(t, "result"))
	added := call(t, p, "crm.item.get", `{"entityTypeId":2,"id":`+id+`}`).field(t, "result", "item", "ufCrmOne", "urlMachine").(string)
	assert.Equal(t, "a", get(t, p, added).Body)
}

// crm.controller.item.getFile can also be called by name.
func TestFieldFileByName(t *testing.T) {
	t.Parallel()
	p := withFileFields(t)
	assert.Equal(t, "old", call(t, p, "crm.controller.item.getFile", `{"entityTypeId":2,"id":5,"fieldName":"UF_CRM_ONE","fileId":1001}`).Body)
	for body, want := range map[string]string{
		`{"entityTypeId":2,"id":5,"fieldName":"UF_CRM_ONE"}`:            "100: Could not find value for parameter {fileId}",
		`{"entityTypeId":2,"id":6,"fieldName":"UF_CRM_ONE","fileId":1}`: "NOT_FOUND: Item not found",
		`{"entityTypeId":2,"id":5,"fieldName":"TITLE","fileId":1}`:      "0: Field TITLE is not a file field",
	} {
		assert.Equal(t, want, call(t, p, "crm.controller.item.getFile", body).errorText(t))
	}
}

// A task holds ids of attachments, which a write makes of marked ids of files.
func TestFilesOfTasks(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	first, second := p.SeedFile(b24test.File{Name: "a.txt", Content: []byte("a")}), p.SeedFile(b24test.File{Name: "b.txt", Content: []byte("b")})
	task := a2json(t, call(t, p, "tasks.task.add", `{"fields":{"TITLE":"x","RESPONSIBLE_ID":1,"UF_TASK_WEBDAV_FILES":["n`+num(first.ID)+`"]}}`).field(t, "result", "task", "id"))
	task = strings.Trim(task, `"`)
	held := func() string {
		return a2json(t, call(t, p, "tasks.task.get", `{"taskId":`+task+`,"select":["ID","UF_TASK_WEBDAV_FILES"]}`).field(t, "result", "task", "ufTaskWebdavFiles"))
	}
	assert.JSONEq(t, `[1]`, held())
	a := call(t, p, "disk.attachedobject.get", `{"id":1}`)
	assert.Equal(t, []any{num(first.ID), "tasks", "tasks_task", task, "a.txt", "1"}, []any{
		a.field(t, "result", "OBJECT_ID"), a.field(t, "result", "MODULE_ID"), a.field(t, "result", "ENTITY_TYPE"), a.field(t, "result", "ENTITY_ID"),
		a.field(t, "result", "NAME"), a.field(t, "result", "SIZE"),
	})
	address := a.field(t, "result", "DOWNLOAD_URL").(string)
	assert.Contains(t, address, "/bitrix/tools/disk/uf.php?attachedId=1&auth%5Baplogin%5D=1&auth%5Bap%5D="+p.Secret())
	got := get(t, p, address)
	assert.Equal(t, "a", got.Body)
	assert.NotContains(t, got.Header.Get("ETag"), `"`)
	assert.Contains(t, get(t, p, strings.Replace(address, p.Secret(), "x", 1)).Body, `"denied"`)

	assert.JSONEq(t, `{"attachmentId":2}`, a2json(t, call(t, p, "tasks.task.files.attach", `{"taskId":`+task+`,"fileId":`+num(second.ID)+`}`).field(t, "result")))
	assert.JSONEq(t, `[1,2]`, held())
	call(t, p, "tasks.task.update", `{"taskId":`+task+`,"fields":{"TITLE":"y"}}`)
	assert.JSONEq(t, `[1,2]`, held(), "a field that is not sent stays")
	call(t, p, "tasks.task.update", `{"taskId":`+task+`,"fields":{"UF_TASK_WEBDAV_FILES":[2]}}`)
	assert.JSONEq(t, `[2]`, held())
	assert.Equal(t, "ERROR_NOT_FOUND: Could not find entity with id '1'.", call(t, p, "disk.attachedobject.get", `{"id":1}`).errorText(t))
	assert.Len(t, p.Files(), 2, "the Drive keeps what is detached")
	for _, tt := range []struct{ method, body, want string }{
		{"tasks.task.update", `{"taskId":` + task + `,"fields":{"UF_TASK_WEBDAV_FILES":["n99"]}}`, "ERROR_CORE: Could not find the file.<br>"},
		{"tasks.task.update", `{"taskId":` + task + `,"fields":{"UF_TASK_WEBDAV_FILES":["` + num(first.ID) + `"]}}`, "ERROR_CORE: Could not find the file.<br>"},
		{"tasks.task.files.attach", `{"taskId":` + task + `}`, "100: Could not find value for parameter {fileId} (internal error)"},
		{"tasks.task.files.attach", `{"taskId":` + task + `,"fileId":"n5"}`, "100: Invalid value {n5} to match with parameter {fileId}. Should be value of type int. (internal error)"},
		{"tasks.task.files.attach", `{"taskId":99,"fileId":` + num(first.ID) + `}`, "0: Access denied (internal error)"},
		{"tasks.task.files.attach", `{"taskId":` + task + `,"fileId":99}`, "ERROR_CORE: Could not find the file.<br>"},
	} {
		assert.Equal(t, tt.want, call(t, p, tt.method, tt.body).errorText(t), tt.body)
	}
	call(t, p, "tasks.task.update", `{"taskId":`+task+`,"fields":{"UF_TASK_WEBDAV_FILES":""}}`)
	assert.NotContains(t, held(), "2")
}

// The addresses of a product's files are relative and have no signature.
func TestFilesOfProducts(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	a := call(t, p, "catalog.product.add", `{"fields":{"name":"Lamp","iblockId":23,"previewPicture":{"fileData":["a.png","YQ=="]}}}`)
	address := a.field(t, "result", "element", "previewPicture", "urlMachine").(string)
	assert.True(t, strings.HasPrefix(address, "/rest/catalog.product.download?fields"), address)
	origin, _, _ := strings.Cut(p.WebhookURL(), "/rest/")
	assert.Equal(t, http.StatusUnauthorized, get(t, p, origin+address).Status)
	got := get(t, p, p.WebhookURL()+strings.TrimPrefix(address, "/rest/"))
	assert.Equal(t, "a", got.Body)
	assert.Equal(t, "image/png", got.Header.Get("Content-Type"))
	for body, want := range map[string]string{
		`{"fields":{"productId":1,"fieldName":"previewPicture","fileId":9}}`:    "0: Product file wrong",
		`{"fields":{"productId":1,"fieldName":"detailPicture","fileId":1001}}`:  "0: Product file wrong",
		`{"fields":{"productId":1,"fieldName":"name","fileId":1001}}`:           "0: Name file field is not available",
		`{"fields":{"productId":2,"fieldName":"previewPicture","fileId":1001}}`: "0: product does not exist.",
	} {
		assert.Equal(t, want, call(t, p, "catalog.product.download", body).errorText(t))
	}
}

// A field keeps only files of its own.
func TestFieldKeepsItsOwnFiles(t *testing.T) {
	t.Parallel()
	p := withFileFields(t)
	a := call(t, p, "crm.item.update", `{"entityTypeId":2,"id":5,"fields":{"ufCrmMany":[{"id":1001},{"id":1003}]}}`)
	many := a.field(t, "result", "item", "ufCrmMany").([]any)
	require.Len(t, many, 1, a.Body)
	assert.Equal(t, json.Number("1003"), many[0].(map[string]any)["id"])
}

// A task cannot have the attachment of another one.
func TestTaskHasItsOwnAttachments(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	f := p.SeedFile(b24test.File{Name: "a.txt", Content: []byte("a")})
	p.Seed("tasks.task", b24.Params{"ID": 1}, b24.Params{"ID": 2})
	call(t, p, "tasks.task.files.attach", `{"taskId":1,"fileId":`+num(f.ID)+`}`)
	a := call(t, p, "tasks.task.update", `{"taskId":2,"fields":{"UF_TASK_WEBDAV_FILES":[1]}}`)
	assert.Equal(t, "ERROR_CORE: Could not find the file.<br>", a.errorText(t))
}

// One file of a product may be in a list, several must be, and each needs its value; otherwise the
// field is dropped without an error, together with the files that are right.
func TestFormatsOfProducts(t *testing.T) {
	t.Parallel()
	const a, b = `{"value":{"fileData":["a.txt","YQ=="]}}`, `{"value":{"fileData":["b.txt","Yg=="]}}`
	for _, tt := range []struct {
		fields string
		want   []string
	}{
		{`"property1":` + a, []string{"a.txt=a"}},
		{`"property1":[` + a + `]`, []string{"a.txt=a"}},
		{`"property1":[` + a + `,` + b + `]`, []string{"a.txt=a"}},
		{`"property1":{"fileData":["a.txt","YQ=="]}`, []string{}},
		{`"property1":["a.txt","YQ=="]`, []string{}},
		{`"property1":""`, []string{}},
		{`"property2":[` + a + `,` + b + `]`, []string{"a.txt=a", "b.txt=b"}},
		{`"property2":{"0":` + a + `}`, []string{"a.txt=a"}},
		{`"property2":` + a, []string{}},
		{`"property2":"YQ=="`, []string{}},
		{`"property2":[` + a + `,{"value":{"fileData":["b.txt",""]}}]`, []string{}},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		call(t, p, "catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"One","propertyType":"F"}}`)
		call(t, p, "catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Many","propertyType":"F","multiple":"Y"}}`)
		added := call(t, p, "catalog.product.add", `{"fields":{"iblockId":23,"name":"Shirt",`+tt.fields+`}}`)
		assert.Equal(t, json.Number("1"), added.field(t, "result", "element", "id"))
		assert.Equal(t, tt.want, contents(p), tt.fields)
	}
	p := b24test.NewPortal(t, b24test.WithMemory())
	call(t, p, "catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Texts","propertyType":"S","multiple":"Y"}}`)
	added := call(t, p, "catalog.product.add", `{"fields":{"iblockId":23,"name":"Shirt","property1":{"value":"cotton"}}}`)
	assert.NotContains(t, added.Body, "cotton", "several values must be a list")
	added = call(t, p, "catalog.product.add", `{"fields":{"iblockId":23,"name":"Shirt","property1":[{"value":"cotton"},"wool"]}}`)
	assert.Contains(t, added.Body, "cotton")
	assert.Contains(t, added.Body, "wool")
}
