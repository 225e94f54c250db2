package b24test_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// What JSON says of a value and a batch cannot is not stored alike.
func TestValuesThatJSONAndABatchSayDifferently(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ field, json, want string }{
		// A flag is Y or N by the letter, else by PHP's idea of true.
		{"OPENED", `"Y"`, `"Y"`},
		{"OPENED", `"N"`, `"N"`},
		{"OPENED", `true`, `"Y"`},
		{"OPENED", `false`, `"N"`},
		{"OPENED", `null`, `"N"`},
		{"OPENED", `1`, `"Y"`},
		{"OPENED", `"1"`, `"Y"`},
		{"OPENED", `0`, `"N"`},
		{"OPENED", `"0"`, `"N"`},
		{"OPENED", `""`, `"N"`},
		{"OPENED", `"false"`, `"Y"`},
		{"OPENED", `"n"`, `"Y"`},
		{"OPENED", `[]`, `"Y"`},
		{"OPENED", `{}`, `"Y"`},
		// A text takes what PHP makes a text of.
		{"COMMENTS", `true`, `"1"`},
		{"COMMENTS", `false`, `""`},
		{"COMMENTS", `null`, `""`},
		{"COMMENTS", `[]`, `"Array"`},
		{"COMMENTS", `{"a":1}`, `"Array"`},
		{"COMMENTS", `5`, `"5"`},
		{"COMMENTS", `"0"`, `"0"`},
		{"SOURCE_ID", `false`, `""`},
		// So does a number.
		{"COMPANY_ID", `true`, `"1"`},
		{"COMPANY_ID", `false`, `"0"`},
		{"COMPANY_ID", `null`, `"0"`},
		{"COMPANY_ID", `""`, `"0"`},
		{"COMPANY_ID", `[]`, `"0"`},
		{"COMPANY_ID", `[7]`, `"1"`},
		{"COMPANY_ID", `"7x"`, `"7"`},
		{"COMPANY_ID", `7`, `"7"`},
		{"OPPORTUNITY", `true`, `"1"`},
		{"OPPORTUNITY", `false`, `"0"`},
		{"OPPORTUNITY", `""`, `"0"`},
		{"OPPORTUNITY", `"1.5x"`, `"1.5"`},
		{"OPPORTUNITY", `"x"`, `"0"`},
		// A moment is dropped unless it is one.
		{"ADDITIONAL_INFO", `""`, `""`},
		{"BEGINDATE", `null`, `"2024-01-01"`},
		{"BEGINDATE", `false`, `"2024-01-01"`},
		{"BEGINDATE", `"never"`, `"2024-01-01"`},
		{"BEGINDATE", `[]`, `"2024-01-01"`},
		{"BEGINDATE", `"2024-05-01"`, `"2024-05-01T00:00:00+00:00"`},
		// Some fields cannot be emptied.
		{"BEGINDATE", `""`, `"2024-01-01"`},
		{"TITLE", `""`, `"t"`},
		{"TITLE", `false`, `"t"`},
		{"ASSIGNED_BY_ID", `0`, `"4"`},
		{"CURRENCY_ID", `null`, `"EUR"`},
		// Of custom fields a portal knows the type; here those count that a test seeded with true or false, or with a list.
		{"UF_CRM_TEXT", `true`, `"1"`},
		{"UF_CRM_TEXT", `false`, `""`},
		{"UF_CRM_TEXT", `null`, `""`},
		{"UF_CRM_TEXT", `0`, `"0"`},
		{"UF_CRM_FLAG", `"Y"`, `true`},
		{"UF_CRM_FLAG", `"1"`, `true`},
		{"UF_CRM_FLAG", `true`, `true`},
		{"UF_CRM_FLAG", `"N"`, `false`},
		{"UF_CRM_FLAG", `"true"`, `false`},
		{"UF_CRM_FLAG", `0`, `false`},
		{"UF_CRM_FLAG", `null`, `false`},
		{"UF_CRM_LIST", `[]`, `false`},
		{"UF_CRM_LIST", `[""]`, `false`},
		{"UF_CRM_LIST", `[1,2]`, `["1","2"]`},
		{"UF_CRM_LIST", `false`, `false`},
		{"UF_CRM_LIST", `null`, `false`},
		{"UF_CRM_LIST", `""`, `false`},
		{"UF_CRM_LIST", `"3"`, `["3"]`},
		{"PARENT_ID_130", `""`, `"0"`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Seed("crm.deal", b24.Params{
			"TITLE": "t", "ASSIGNED_BY_ID": 4, "CURRENCY_ID": "EUR", "ADDITIONAL_INFO": "i", "OPENED": "Y", "COMMENTS": "c", "SOURCE_ID": "WEB", "COMPANY_ID": 3, "OPPORTUNITY": 9, "BEGINDATE": "2024-01-01",
			"UF_CRM_TEXT": "u", "UF_CRM_FLAG": true, "UF_CRM_LIST": []int{1}, "PARENT_ID_130": 2,
		})
		require.Equal(t, "true", resultText(t, call(t, p, "crm.deal.update", `{"id":1,"fields":{"`+tt.field+`":`+tt.json+`}}`)))
		a := call(t, p, "crm.deal.list", `{"select":["`+tt.field+`"]}`)
		assert.JSONEq(t, `[{"ID":"1","`+tt.field+`":`+tt.want+`}]`, resultText(t, a), "%s %s", tt.field, tt.json)
	}
}

// In a batch there is text alone: false is 0 and no empty value, an empty list is one with an empty text.
func TestABatchCannotSayFalse(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"UF_CRM_LIST": []int{1}, "UF_CRM_TEXT": "u"})
	call(t, p, "batch", `{"cmd":["crm.deal.update?id=1&fields[COMMENTS]=0&fields[OPENED]=1&fields[UF_CRM_TEXT]=0&fields[UF_CRM_LIST][]=&fields[SOURCE_ID]="]}`)
	assert.JSONEq(t, `[{"ID":"1","COMMENTS":"0","OPENED":"Y","SOURCE_ID":"","UF_CRM_LIST":false,"UF_CRM_TEXT":"0"}]`,
		resultText(t, call(t, p, "crm.deal.list", `{"select":["COMMENTS","OPENED","UF_CRM_TEXT","UF_CRM_LIST","SOURCE_ID"]}`)))
}

// Other entities read a flag in other ways: some look for the letter alone.
func TestFlagsOfOtherEntities(t *testing.T) {
	t.Parallel()
	const needed = `"ENTITY_TYPE_ID":3,"ENTITY_ID":1,"PRESET_ID":1,"OWNER_TYPE_ID":3,"OWNER_ID":1,"TYPE_ID":1,"SUBJECT":"s","COMMUNICATIONS":[{"VALUE":"1"}]`
	for _, tt := range []struct{ method, field, read, flags string }{
		{"crm.company.add", "IS_MY_COMPANY", "crm.company.get", `Y=Y N=N true=N false=N 1=N "1"=N "y"=N null=N`},
		{"crm.activity.add", "COMPLETED", "crm.activity.get", `Y=Y N=N true=Y false=N 1=Y "1"=Y "y"=Y null=N "x"=N`},
		{"crm.requisite.add", "ACTIVE", "crm.requisite.get", `Y=Y N=N true=Y false=N "1"=Y "0"=N "true"=Y null=N`},
		{"crm.item.add", "opened", "crm.item.get", `Y=Y N=N true=Y false=N 1=N "1"=N "y"=Y "true"=Y "TRUE"=N null=N ""=N`},
		{"tasks.task.add", "TASK_CONTROL", "tasks.task.get", `Y=Y N=N true=Y false=N 1=N "1"=N "y"=N`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Seed("crm.contact", nil)
		id := 0
		var said, told string
		for pairs := tt.flags; pairs != ""; {
			n, err := fmt.Sscanf(pairs, "%s", &said)
			require.Equal(t, []any{1, nil}, []any{n, err})
			pairs = pairs[min(len(pairs), len(said)+1):]
			value, want := said[:len(said)-2], said[len(said)-1:]
			if value == "Y" || value == "N" {
				value = `"` + value + `"`
			}
			id++
			a := call(t, p, tt.method, `{"entityTypeId":31,"fields":{"TITLE":"x",`+needed+`,"`+tt.field+`":`+value+`}}`)
			require.Equal(t, http.StatusOK, a.Status, a.Body)
			a = call(t, p, tt.read, fmt.Sprintf(`{"entityTypeId":31,"id":%d,"select":["TASK_CONTROL"]}`, id))
			switch tt.method {
			case "crm.item.add":
				told = jsonText(t, a, "result", "item", tt.field)
			case "tasks.task.add":
				told = jsonText(t, a, "result", "task", "taskControl")
			default:
				told = jsonText(t, a, "result", tt.field)
			}
			assert.Equal(t, want, told, "%s %s", tt.method, said)
		}
	}
}

// A field of crm.item.* is emptied by what PHP calls empty.
func TestEmptyValuesOfItems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ field, json, want string }{
		{"sourceDescription", `""`, `null`},
		{"sourceDescription", `null`, `null`},
		{"sourceDescription", `false`, `null`},
		{"sourceDescription", `[]`, `null`},
		{"title", `"0"`, `"0"`},
		{"title", `""`, `"t"`},
		{"assignedById", `null`, `4`},
		{"title", `5`, `"5"`},
		{"companyId", `0`, `0`},
		{"companyId", `"7"`, `7`},
		{"companyId", `null`, `null`},
		{"opportunity", `"1.50"`, `1.5`},
		{"opportunity", `0`, `0`},
		{"begindate", `null`, `null`},
		{"begindate", `"never"`, `"2024-01-01"`},
		{"contactIds", `[]`, `[]`},
		{"contactIds", `["4"]`, `[4]`},
		{"ufCrmFlag", `true`, `"Y"`},
		{"ufCrmFlag", `"N"`, `"N"`},
		{"ufCrmFlag", `"Y"`, `"Y"`},
		{"ufCrmList", `[]`, `[]`},
		{"ufCrmText", `""`, `null`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.Seed("crm.item:31", b24.Params{
			"title": "t", "assignedById": 4, "sourceDescription": "s", "companyId": 3, "opportunity": 9, "begindate": "2024-01-01", "contactIds": []int{1},
			"ufCrmFlag": false, "ufCrmList": []int{1}, "ufCrmText": "u",
		})
		a := call(t, p, "crm.item.update", `{"entityTypeId":31,"id":1,"fields":{"`+tt.field+`":`+tt.json+`}}`)
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		a = call(t, p, "crm.item.list", `{"entityTypeId":31,"select":["`+tt.field+`"]}`)
		assert.JSONEq(t, `{"items":[{"`+tt.field+`":`+tt.want+`}]}`, resultText(t, a), "%s %s", tt.field, tt.json)
	}
}

// A seeded false is what a portal has for false, and no filter for a value finds it.
func TestASeededFalse(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.lead",
		b24.Params{"TITLE": "f", "OPENED": false, "COMMENTS": false, "COMPANY_ID": false, "UF_CRM_LIST": false, "UF_CRM_FLAG": false},
		b24.Params{"TITLE": "t", "OPENED": true, "COMMENTS": "x", "COMPANY_ID": 7, "UF_CRM_LIST": []int{7}, "UF_CRM_FLAG": true})
	const sel = `"select":["OPENED","COMMENTS","COMPANY_ID","UF_CRM_LIST","UF_CRM_FLAG"]`
	assert.JSONEq(t, `[{"ID":"1","OPENED":"N","COMMENTS":"","COMPANY_ID":"0","UF_CRM_LIST":false,"UF_CRM_FLAG":false},
		{"ID":"2","OPENED":"Y","COMMENTS":"x","COMPANY_ID":"7","UF_CRM_LIST":["7"],"UF_CRM_FLAG":true}]`, resultText(t, call(t, p, "crm.lead.list", `{`+sel+`}`)))
	a := call(t, p, "crm.item.list", `{"entityTypeId":1,"order":{"id":"ASC"},"select":["opened","companyId","ufCrmList","ufCrmFlag"]}`)
	assert.JSONEq(t, `{"items":[{"opened":"N","companyId":0,"ufCrmList":[],"ufCrmFlag":"N"},{"opened":"Y","companyId":7,"ufCrmList":[7],"ufCrmFlag":"Y"}]}`, resultText(t, a))
	for filter, want := range map[string][]string{
		`{"UF_CRM_LIST":7}`: {"2"}, `{"UF_CRM_LIST":"N"}`: {}, `{"UF_CRM_LIST":"x"}`: {}, `{"UF_CRM_LIST":0}`: {}, `{"UF_CRM_LIST":false}`: {"1"},
		`{"UF_CRM_LIST":""}`: {"1", "2"}, `{"=UF_CRM_LIST":""}`: {"1"}, `{"!UF_CRM_LIST":false}`: {"2"}, `{"OPENED":"N"}`: {"1"}, `{"OPENED":"Y"}`: {"2"}, `{"UF_CRM_FLAG":1}`: {"2"},
		`{"COMMENTS":false}`: {"1"}, `{"UF_CRM_FLAG":true}`: {"2"},
	} {
		assert.Equal(t, want, call(t, p, "crm.lead.list", `{"filter":`+filter+`}`).ids(t, "ID", "result"), filter)
	}
	p.Seed("user", b24.Params{"ID": 1, "ACTIVE": true}, b24.Params{"ID": 2, "ACTIVE": false, "UF_DEPARTMENT": false}, b24.Params{"ID": 3, "ACTIVE": "N", "IS_ONLINE": "N"})
	assert.JSONEq(t, `[{"ID":"1","ACTIVE":true},{"ID":"2","ACTIVE":false,"UF_DEPARTMENT":false},{"ID":"3","ACTIVE":false,"IS_ONLINE":"N"}]`,
		resultText(t, call(t, p, "user.get", `{"sort":"ID","order":"ASC"}`)))
	for filter, want := range map[string]string{`true`: "[1]", `false`: "[2 3]", `"Y"`: "[1]", `"N"`: "[2 3]"} {
		a := call(t, p, "user.get", `{"sort":"ID","order":"ASC","FILTER":{"ACTIVE":`+filter+`}}`)
		assert.Equal(t, want, fmt.Sprint(a.ids(t, "ID", "result")), filter)
	}
}
