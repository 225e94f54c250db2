package b24test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// idNames are what methods call the id of a row.
func idNames() []string { return []string{"id", "ID", "eventId"} }

// listed is what a list answers: the ids of its rows in order, or the code of its error.
func listed(t *testing.T, p *b24test.Portal, method, body string) string {
	t.Helper()
	a := call(t, p, method, body)
	if a.Status != http.StatusOK {
		return fmt.Sprint("error ", a.field(t, "error"))
	}
	var env struct {
		Result json.RawMessage `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.Body), &env))
	var ids []string
	for _, row := range rowsOf(t, env.Result) {
		for _, name := range idNames() {
			if id, ok := row[name]; ok {
				ids = append(ids, fmt.Sprint(id))
			}
		}
	}
	return strings.Join(ids, " ")
}

// rowsOf are the rows of a result, or of the one member of it that has any.
func rowsOf(t *testing.T, result json.RawMessage) []map[string]any {
	t.Helper()
	var rows []map[string]any
	if json.Unmarshal(result, &rows) == nil {
		return rows
	}
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(result, &members), string(result))
	for _, m := range members {
		if json.Unmarshal(m, &rows) == nil && rows != nil {
			return rows
		}
	}
	return rows
}

// filtered are lists and what they answer.
type filtered struct{ method, body, want string }

func checkFiltered(t *testing.T, p *b24test.Portal, cases []filtered) {
	t.Helper()
	for _, tt := range cases {
		assert.Equal(t, tt.want, listed(t, p, tt.method, tt.body), "%s %s", tt.method, tt.body)
	}
}

// four seeds the rows 1 to 4 behind entities: names a to d, and something that 1 and 2 have in common.
func four(t *testing.T, entities map[string][2]string) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for entity, fields := range entities {
		p.SeedN(entity, 4, func(i int) b24.Params {
			return b24.Params{fields[0]: string(rune('a' + i)), fields[1]: 1 + i/2}
		})
	}
	return p
}

// If an ORM gets the filter, logic at its top joins everything that stands there.
func TestLogicJoinsTheConditionsOfAnORM(t *testing.T) {
	t.Parallel()
	p := four(t, map[string][2]string{
		"crm.item:2": {"title", "assignedById"}, "crm.type": {"title", "createdBy"}, "crm.automatedsolution": {"title", "x"},
		"crm.stagehistory": {"STAGE_ID", "OWNER_ID"}, "tasks.api.scrum.epic": {"name", "groupId"}, "tasks.api.scrum.sprint": {"name", "groupId"},
		"userfieldconfig": {"fieldName", "sort"}, "documentgenerator.document": {"title", "templateId"}, "crm.item.productrow": {"productName", "ownerId"},
		"imopenlines.config.list": {"LINE_NAME", "QUEUE_TIME"},
	})
	for _, tt := range []filtered{
		{"crm.item.list", `"filter":{"logic":"OR","title":"a","assignedById":2}`, "1 3 4"},
		{"crm.item.list", `"filter":{"logic":"OR","title":"a",">id":2}`, "1 3 4"},
		{"crm.item.list", `"filter":{"Logic":"OR","title":"a","assignedById":2}`, "1 3 4"},
		{"crm.item.list", `"filter":{"logic":"AND","title":"a","assignedById":2}`, ""},
		{"crm.item.list", `"filter":{"logic":"or","title":"a"}`, "1 2 3 4"}, // neither AND nor OR: no condition is left
		{"crm.item.list", `"filter":{"logic":"NOT","title":"a"}`, "1 2 3 4"},
		{"crm.item.list", `"filter":{"LOGIC":"OR","title":"a"}`, "error INVALID_ARG_VALUE"}, // a field that is not known
		{"crm.item.list", `"filter":{">id":1,"0":{"logic":"OR","title":"a","assignedById":2}}`, "3 4"},
		{"crm.item.list", `"filter":{"0":{"logic":"or","title":"a","assignedById":2}}`, ""}, // in a group it is AND
		{"crm.item.list", `"filter":{"0":{"logic":"NOT","title":"a"}}`, "2 3 4"},
		{"crm.type.list", `"filter":{"logic":"OR","title":"a"}`, "1 2 3 4"}, // a condition of the method's own is one more alternative
		{"crm.type.list", `"filter":{"0":{"logic":"OR","title":"a","createdBy":2}}`, "1 3 4"},
		{"crm.automatedsolution.list", `"filter":{"logic":"OR","title":"a",">id":3}`, "1 4"},
		{"crm.stagehistory.list", `"filter":{"LOGIC":"OR","STAGE_ID":"a",">ID":3}`, "1 4"},
		{"crm.stagehistory.list", `"filter":{"logic":"OR","STAGE_ID":"a"}`, "error 100"},
		{"tasks.api.scrum.epic.list", `"filter":{"LOGIC":"OR","NAME":"a","GROUP_ID":2}`, "1 3 4"},
		{"tasks.api.scrum.epic.list", `"filter":{"logic":"OR","NAME":"a"}`, ""}, // refused without an error
		{"tasks.api.scrum.sprint.list", `"filter":{"LOGIC":"OR","NAME":"a"}`, "1 2 3 4"},
		{"tasks.api.scrum.sprint.list", `"filter":{"0":{"LOGIC":"OR","NAME":"a","ID":2}}`, "1 2"},
		{"userfieldconfig.list", `"filter":{"logic":"OR","fieldName":"a"}`, "1 2 3 4"},
		{"documentgenerator.document.list", `"filter":{"logic":"OR","title":"a"}`, "1 2 3 4"},
		{"documentgenerator.document.list", `"filter":{"LOGIC":"OR","title":"a"}`, "error 100"},
		{"documentgenerator.document.list", `"filter":{"0":{"LOGIC":"OR","TITLE":"a","template_id":2}}`, "1 3 4"}, // groups are not translated
		{"crm.item.productrow.list", `"filter":{"logic":"OR","=ownerId":2,"=ownerType":"D","productName":"a"}`, "1 3 4"},
	} {
		tt.body = `{"entityTypeId":2,"moduleId":"crm","order":{"` + orderKey(tt.method) + `":"ASC"},` + tt.body + `}`
		checkFiltered(t, p, []filtered{tt})
	}
	// the other types of items have a condition of the method's own
	p.Seed("crm.stagehistory", b24.Params{"ID": 9, "ENTITY_TYPE_ID": 130, "STAGE_ID": "z"})
	assert.Equal(t, "1 2 3 4 9", listed(t, p, "crm.stagehistory.list", `{"entityTypeId":130,"filter":{"LOGIC":"OR","STAGE_ID":"z"},"order":{"ID":"ASC"}}`))
	assert.Equal(t, "1 4", listed(t, p, "imopenlines.config.list.get", `{"PARAMS":{"filter":{"LOGIC":"OR","LINE_NAME":"a",">ID":3},"order":{"ID":"ASC"}}}`))
}

func orderKey(method string) string {
	if method == "crm.stagehistory.list" {
		return "ID"
	}
	return "id"
}

// Elsewhere it is a field that is not known, or it is dropped; a key that is a number often is, too.
func TestLogicThatIsDropped(t *testing.T) {
	t.Parallel()
	p := four(t, map[string][2]string{
		"crm.deal": {"TITLE", "ASSIGNED_BY_ID"}, "crm.lead": {"TITLE", "ASSIGNED_BY_ID"}, "crm.contact": {"NAME", "ASSIGNED_BY_ID"},
		"crm.company": {"TITLE", "ASSIGNED_BY_ID"}, "crm.quote": {"TITLE", "ASSIGNED_BY_ID"}, "crm.activity": {"SUBJECT", "RESPONSIBLE_ID"},
		"crm.requisite": {"NAME", "ENTITY_ID"}, "crm.requisite.bankdetail": {"NAME", "ENTITY_ID"}, "sale.order": {"userDescription", "userId"},
		"catalog.price": {"currency", "productId"}, "catalog.section": {"name", "iblockId"}, "user": {"NAME", "x"}, "voximplant.statistic": {"CALL_ID", "PORTAL_USER_ID"},
		"bizproc.workflow.template": {"NAME", "USER_ID"}, "bizproc.task": {"NAME", "STATUS"}, "disk.folder": {"NAME", "CREATED_BY"},
		"lists.element": {"NAME", "SORT"}, "event.offline": {"EVENT_NAME", "x"}, "entity.item": {"NAME", "SORT"}, "entity.section": {"NAME", "SORT"},
		"sonet_group": {"NAME", "OWNER_ID"}, "socialnetwork.api.workgroup": {"name", "ownerId"},
	})
	const both = `"LOGIC":"OR","ID":1,"=ID":2`
	for _, m := range []string{"deal", "lead", "contact", "company", "quote", "activity", "requisite", "requisite.bankdetail"} {
		checkFiltered(t, p, []filtered{
			{"crm." + m + ".list", `{"filter":{` + both + `}}`, ""},
			{"crm." + m + ".list", `{"order":{"ID":"ASC"},"filter":{"0":{` + both + `}}}`, "1 2 3 4"},
		})
	}
	checkFiltered(t, p, []filtered{
		{"sale.order.list", `{"filter":{"logic":"OR","id":1,"userId":2}}`, ""},
		{"sale.order.list", `{"filter":{"0":{"id":1}}}`, "1 2 3 4"},
		{"catalog.price.list", `{"filter":{"LOGIC":"OR","id":1,"productId":2}}`, ""},
		{"catalog.price.list", `{"filter":{"0":{"id":1}}}`, "1 2 3 4"},
		{"catalog.section.list", `{"filter":{"logic":"OR","iblockId":1,"id":3}}`, ""},
		{"catalog.section.list", `{"filter":{"0":{"iblockId":1}}}`, "error 0"}, // what has to be there is looked for at the top
		{"user.get", `{"sort":"ID","order":"ASC","FILTER":{` + both + `}}`, ""},
		{"user.get", `{"sort":"ID","order":"ASC","FILTER":{"0":{"ID":1}}}`, "1 2 3 4"},
		{"voximplant.statistic.get", `{"SORT":"ID","ORDER":"ASC","FILTER":{"LOGIC":"OR","ID":1,"CALL_ID":"b"}}`, ""},
		{"voximplant.statistic.get", `{"SORT":"ID","ORDER":"ASC","FILTER":{"0":{"LOGIC":"OR","ID":1,"CALL_ID":"a"}}}`, "1"}, // a group of AND
		{"bizproc.workflow.template.list", `{"FILTER":{"LOGIC":"OR","ID":1,"NAME":"b"}}`, ""},
		{"bizproc.workflow.template.list", `{"FILTER":{"0":{"ID":1}}}`, "1 2 3 4"},
		{"bizproc.task.list", `{"ORDER":{"ID":"ASC"},"FILTER":{"LOGIC":"OR","ID":1,"NAME":"b"}}`, ""},
		{"disk.folder.getchildren", `{"id":1,"order":{"ID":"ASC"},"filter":{"LOGIC":"OR","ID":1,"NAME":"b"}}`, ""},
		{"disk.folder.getchildren", `{"id":1,"order":{"ID":"ASC"},"filter":{"0":{"ID":1}}}`, "1 2 3 4"},
		{"lists.element.get", `{"IBLOCK_TYPE_ID":"l","IBLOCK_ID":1,"FILTER":{"LOGIC":"OR","ID":1}}`, "error ERROR_ARGUMENT"},
		{"lists.element.get", `{"IBLOCK_TYPE_ID":"l","IBLOCK_ID":1,"FILTER":{"0":{"ID":1}}}`, "error ERROR_ARGUMENT"},
		{"event.offline.list", `{"filter":{"LOGIC":"OR","ID":1}}`, "error ERROR_ARGUMENT"},
		{"event.offline.list", `{"filter":{"0":{"ID":1}}}`, "error ERROR_ARGUMENT"},
		{"entity.item.get", `{"ENTITY":"m","FILTER":{"LOGIC":"OR","ID":1,"NAME":"b"}}`, ""},
		{"entity.item.get", `{"ENTITY":"m","FILTER":{"0":{"logic":"OR","ID":1,"NAME":"b"}}}`, "1 2"},
		{"entity.section.get", `{"ENTITY":"m","FILTER":{"LOGIC":"OR","ID":1,"NAME":"b"}}`, ""},
		{"entity.section.get", `{"ENTITY":"m","FILTER":{"0":{"ID":1}}}`, "1 2 3 4"},
		{"sonet_group.get", `{"ORDER":{"ID":"ASC"},"FILTER":{"LOGIC":"or","ID":1,"NAME":"b"}}`, "1 2"}, // here nobody takes it out
		{"socialnetwork.api.workgroup.list", `{"order":{"ID":"ASC"},"filter":{"LOGIC":"OR","ID":1}}`, "1 2 3 4"},
	})
}

// Tasks have words of their own for both.
func TestLogicOfTasks(t *testing.T) {
	t.Parallel()
	p := four(t, map[string][2]string{"tasks.task": {"title", "groupId"}})
	for filter, want := range map[string]string{
		`{"::LOGIC":"AND","ID":1,"TITLE":"b"}`:                             "",
		`{"::LOGIC":"OR","ID":1,"TITLE":"b"}`:                              "error 0",
		`{"LOGIC":"OR","ID":1,"GROUP_ID":2}`:                               "",
		`{"::SUBFILTER-1":{"::LOGIC":"OR","ID":1,"TITLE":"b"}}`:            "1 2",
		`{"0":{"::LOGIC":"OR","ID":1,"GROUP_ID":2}}`:                       "1 3 4",
		`{"::subfilter-1":{"ID":1}}`:                                       "1 2 3 4",
		`{"0":{"::LOGIC":"OR","ID":1,"NO_SUCH":2}}`:                        "1 2 3 4", // an alternative that says nothing
		`{"0":{"::LOGIC":"XOR","ID":1}}`:                                   "error 0",
		`{"0":5}`:                                                          "error 0",
		`{"::SUBFILTER-1":{"::LOGIC":"AND","ID":[1,2],"0":{"TITLE":"b"}}}`: "2",
	} {
		assert.Equal(t, want, listed(t, p, "tasks.task.list", `{"order":{"ID":"asc"},"filter":`+filter+`}`), filter)
	}
}

// Fields that have to be in the filter are looked for at its top, with or without an operator as the portal has it.
func TestNeededFieldsStandAtTheTop(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.item.productrow", b24.Params{"id": 1, "ownerId": 7, "ownerType": "D"}, b24.Params{"id": 2, "ownerId": 8, "ownerType": "D"})
	p.Seed("catalog.product", b24.Params{"id": 1, "iblockId": 7}, b24.Params{"id": 2, "iblockId": 8})
	p.Seed("userfieldconfig", b24.Params{"id": 1, "entityId": "CRM_DEAL"}, b24.Params{"id": 2, "entityId": "CRM_LEAD"})
	p.Seed("crm.documentgenerator.document", b24.Params{"id": 1, "entityTypeId": 2, "entityId": 5}, b24.Params{"id": 2, "entityTypeId": 3, "entityId": 5})
	const sel = `"select":["id","iblockId"],`
	checkFiltered(t, p, []filtered{
		{"crm.item.productrow.list", `{"filter":{"=ownerId":7,"=ownerType":"D"}}`, "1"},
		{"crm.item.productrow.list", `{"filter":{"ownerId":7,"=ownerType":"D"}}`, "error REQUIRED_ARG_MISSING"},
		{"crm.item.productrow.list", `{"filter":{"0":{"=ownerId":7,"=ownerType":"D"}}}`, "error REQUIRED_ARG_MISSING"},
		{"catalog.product.list", `{` + sel + `"filter":{"iblockId":7}}`, "1"},
		{"catalog.product.list", `{` + sel + `"filter":{"=iblockId":7}}`, "error 0"},
		{"catalog.product.list", `{` + sel + `"filter":{"0":{"iblockId":7}}}`, "error 0"},
		{"catalog.product.list", `{"select":["id"],"filter":{"iblockId":7}}`, "error 0"},
		{"userfieldconfig.list", `{"moduleId":"crm","order":{"id":"ASC"},"filter":{"entityId":"CRM_DEAL"}}`, "1"},
		{"userfieldconfig.list", `{"moduleId":"crm","order":{"id":"ASC"},"filter":{"=entityId":"CRM_DEAL"}}`, "1 2"}, // taken out
		{"crm.documentgenerator.document.list", `{"order":{"id":"ASC"},"filter":{"entityTypeId":2,"entityId":5}}`, "1"},
		{"crm.documentgenerator.document.list", `{"order":{"id":"ASC"},"filter":{"=entityTypeId":2}}`, "error 100"},
		{"crm.documentgenerator.document.list", `{"order":{"id":"ASC"},"filter":{"0":{"entityTypeId":2}}}`, "error 100"},
	})
}
