package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// remarked returns the lines that calls leave in the log of a test.
func remarked(t *testing.T, prepare func(p *b24test.Portal), calls ...[2]string) []string {
	t.Helper()
	tb := &logger{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory())
	prepare(p)
	for _, c := range calls {
		call(t, p, c[0], c[1])
	}
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.lines
}

func exporting(p *b24test.Portal) {
	p.Define("crm.deal", b24test.Field{Name: "UF_CRM_EXPORTED_AT", Type: "datetime"})
	p.Seed("crm.deal", b24.Params{"TITLE": "a"})
}

// The log says what the answer of a portal does not.
func TestTheLogSaysWhatThePortalIgnores(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ method, body, want string }{
		{"crm.item.list", `{"entityTypeId":2,"select":["id","contactIDs"]}`, "select names contactIDs, which does not exist: did you mean contactIds?"},
		{"crm.item.list", `{"entityTypeId":2,"filters":{"id":1}}`, "there is no parameter filters: did you mean filter?"},
		{"crm.item.list", `{"entityTypeId":2,"FILTER":{"id":1}}`, "there is no parameter FILTER: did you mean filter?"},
		{"crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"ufCrmExportdAt":"2026-01-01"}}`, "fields names ufCrmExportdAt, which does not exist: did you mean ufCrmExportedAt?"},
		{"crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"UF_CRM_EXPORTED_AT":"2026-01-01"}}`, "fields names UF_CRM_EXPORTED_AT, which crm.item.* calls ufCrmExportedAt"},
		{"crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"createdTime":"2026-01-01"}}`, "fields names createdTime, which is read-only: the portal drops it"},
		{"crm.deal.update", `{"id":1,"fields":{"UF_CRM_EXPORTD_AT":"2026-01-01"}}`, "fields names UF_CRM_EXPORTD_AT, which does not exist: did you mean UF_CRM_EXPORTED_AT?"},
		{"crm.deal.update", `{"id":1,"fields":{"ufCrmExportedAt":"2026-01-01"}}`, "fields names ufCrmExportedAt, which this method calls UF_CRM_EXPORTED_AT"},
		{"crm.deal.update", `{"id":1,"fields":{"UF_CRM_COLOUR":"red"}}`, "fields names UF_CRM_COLOUR, which does not exist: Portal.Define adds a custom field"},
		{"crm.deal.update", `{"id":1,"fields":{"CATEGORY_ID":1}}`, "fields names CATEGORY_ID, which only an add writes: the portal drops it"},
		{"crm.deal.update", `{"id":1,"fields":{"CLOSEDATE":"soon"}}`, "fields names CLOSEDATE, whose value PHP cannot read as a time: the portal drops it"},
		{"crm.deal.update", `{"id":1,"field":{"TITLE":"b"}}`, "there is no parameter field: did you mean fields?"},
		{"crm.deal.list", `{"filter":{">UF_CRM_EXPORTD_AT":1}}`, "filter names UF_CRM_EXPORTD_AT, which does not exist: did you mean UF_CRM_EXPORTED_AT?"},
		{"crm.deal.list", `{"filter":{"><DATE_CREATE":["a","b"]}}`, "filter names ><DATE_CREATE, whose operator the method does not have: the portal ignores the condition"},
		{"crm.deal.list", `{"filter":{"title":"a"}}`, "filter names title, which does not exist: did you mean TITLE?"},
		{"crm.deal.list", `{"filter":{"CONTACT_IDS":1}}`, "filter names CONTACT_IDS, by which the portal does not filter"},
		{"crm.deal.list", `{"filter":[{"TITLE":"a"}]}`, "filter names 0, a group of conditions, which the portal ignores"},
		{"crm.deal.list", `{"order":{"DATE_CREATED":"ASC"}}`, "order names DATE_CREATED, which does not exist: did you mean DATE_CREATE?"},
		{"crm.deal.list", `{"select":"TITLE"}`, "select is not a list: the portal ignores it"},
		{"crm.deal.list", `{"limit":5}`, "there is no parameter limit: the portal ignores it"},
	} {
		assert.Equal(t, []string{"b24test: " + tt.method + ": " + tt.want}, remarked(t, exporting, [2]string{tt.method, tt.body}, [2]string{tt.method, tt.body}), tt.body)
	}
}

// What works leaves no line.
func TestTheLogIsSilentAboutWhatWorks(t *testing.T) {
	t.Parallel()
	assert.Empty(t, remarked(t, func(p *b24test.Portal) {
		p.Seed("crm.deal", b24.Params{"TITLE": "a", "UF_CRM_1": "x", "OWN": 1, "CONTACT_IDS": []int{1, 2}})
		p.Seed("crm.lead", b24.Params{"TITLE": "a"})
		p.Seed("crm.contact", b24.Params{"NAME": "a", "PHONE": "1"})
		p.Seed("crm.item:1030", b24.Params{"title": "a", "ufCrm5Color": "red"})
		p.Seed("crm.product", b24.Params{"NAME": "a"})
	},
		[2]string{"crm.deal.list", `{"order":{"ID":"ASC","UF_CRM_1":"ASC","date_create":"ASC"},"filter":{">ID":0,"UF_CRM_1":"x","PARENT_ID_130":5,"OWN":1},"select":["*","UF_*","UF_CRM_1","PARENT_ID_130","OWN","id"],"start":-1}`},
		[2]string{"crm.deal.list", `{"FILTER":{"ID":1},"Order":{"ID":"ASC"},"arSelect":["ID"]}`},
		[2]string{"crm.lead.list", `{"filter":{"UF_CRM_ANY":1,"PARENT_ID_7":1},"select":["UF_CRM_ANY"],"order":{"UF_CRM_ANY":"ASC"}}`},
		[2]string{"crm.lead.update", `{"id":1,"fields":{"ID":1,"TITLE":"b","UF_CRM_ANY":"x","PARENT_ID_130":3,"PHONE":[{"VALUE":"1"}]},"params":{"REGISTER_SONET_EVENT":"N"}}`},
		[2]string{"crm.contact.list", `{"filter":{"PHONE":"1","EMAIL":"a@b.c"},"select":["NAME","PHONE","EMAIL"]}`},
		[2]string{"crm.item.list", `{"entityTypeId":2,"select":["*","id","ufCrm_1","contactIds","observers","parentId130","UF_*"],"filter":{"@id":[1],"contactIds":[1]},"order":{"id":"ASC"},"useOriginalUfNames":"N"}`},
		[2]string{"crm.item.list", `{"entityTypeId":3,"select":["id","fm","phone","email"]}`},
		[2]string{"crm.item.update", `{"entityTypeId":1030,"id":1,"fields":{"title":"b","ufCrm5Color":"blue","parentId2":7}}`},
		[2]string{"crm.item.add", `{"entityTypeId":1030,"fields":{"title":"b","assignedById":1,"contactIds":[1]}}`},
		[2]string{"crm.item.get", `{"entityTypeId":1030,"id":1}`},
		[2]string{"crm.deal.fields", `{}`},
		[2]string{"crm.product.list", `{"filter":{"PROPERTY_5":1},"select":["PROPERTY_5"]}`},
		[2]string{"tasks.task.list", `{"filter":{"ROLE":"A"},"select":["ID","UF_X"]}`},
		[2]string{"batch", `{"cmd":["crm.deal.list?filter[ID]=1&select[]=ID"]}`},
	))
}

// Inside a batch, and through the client, the lines are the same.
func TestTheLogOfBatchesAndTheClient(t *testing.T) {
	t.Parallel()
	tb := &logger{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory())
	exporting(p)
	call(t, p, "batch", `{"cmd":["crm.deal.list?filter[TITLEE]=a"]}`)
	c := clientOf(t, p)
	_, err := c.CallMethod(t.Context(), "crm.deal.get", b24.Params{"id": 1, "selects": []string{"ID"}})
	require.NoError(t, err)
	_, err = c.CallMethod(t.Context(), "crm.deal.list", b24.Params{"select": []string{"ID", "TITLEE"}})
	require.NoError(t, err)
	tb.mu.Lock()
	defer tb.mu.Unlock()
	assert.Equal(t, []string{
		"b24test: crm.deal.list: filter names TITLEE, which does not exist: did you mean TITLE?",
		"b24test: crm.deal.get: there is no parameter selects: the portal ignores it",
		"b24test: crm.deal.list: select names TITLEE, which does not exist: did you mean TITLE?",
	}, tb.lines)
}
