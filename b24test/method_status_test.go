package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A new portal has the usual stages and directories.
func TestStatusesOfANewPortal(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.status.entity.items", `{"entityId":"DEAL_STAGE"}`, `[
			{"NAME":"New","SORT":10,"STATUS_ID":"NEW"},{"NAME":"Document preparation","SORT":20,"STATUS_ID":"PREPARATION"},
			{"NAME":"Prepayment invoice","SORT":30,"STATUS_ID":"PREPAYMENT_INVOICE"},{"NAME":"In progress","SORT":40,"STATUS_ID":"EXECUTING"},
			{"NAME":"Final invoice","SORT":50,"STATUS_ID":"FINAL_INVOICE"},{"NAME":"Deal successful","SORT":60,"STATUS_ID":"WON"},
			{"NAME":"Deal failed","SORT":70,"STATUS_ID":"LOSE"},{"NAME":"Failure reason analysis","SORT":80,"STATUS_ID":"APOLOGY"}]`},
		{"crm.status.list", `{"order":{"SORT":"ASC"},"filter":{"ENTITY_ID":"DEAL_STAGE","STATUS_ID":"LOSE"}}`, `[{"STATUS_ID":"LOSE","NAME":"Deal failed",
			"NAME_INIT":"Deal failed","SORT":"70","SYSTEM":"Y","CATEGORY_ID":null,"COLOR":"#FF5752","SEMANTICS":"F","EXTRA":{"SEMANTICS":"failure","COLOR":"#FF5752"}}]`},
		{"crm.status.list", `{"filter":{"ENTITY_ID":"STATUS"}}`, `[{"STATUS_ID":"NEW","EXTRA":{"SEMANTICS":"process"}},{"STATUS_ID":"IN_PROCESS"},
			{"STATUS_ID":"PROCESSED","SEMANTICS":null},{"STATUS_ID":"CONVERTED","SEMANTICS":"S"},{"STATUS_ID":"JUNK","SEMANTICS":"F"}]`},
		{"crm.status.list", `{"filter":{"ENTITY_ID":"SOURCE","STATUS_ID":"OTHER"}}`, `[{"SORT":"80","SYSTEM":"N","COLOR":null}]`},
		{"crm.status.entity.items", `{}`, `!The parameter entityId is not defined or invalid.`},
		{"crm.status.entity.items", `{"entityId":"NOPE"}`, `[]`},
		{"crm.status.get", `{"id":9999}`, `!Status is not found.`},
	})
	a := call(t, p, "crm.status.entity.types", `{}`)
	assert.Equal(t, []string{
		"STATUS", "SOURCE", "CONTACT_TYPE", "COMPANY_TYPE", "EMPLOYEES", "INDUSTRY", "DEAL_TYPE", "DEAL_STAGE", "QUOTE_STATUS", "HONORIFIC", "CALL_LIST",
	}, a.ids(t, "ID", "result"))
}

// Entries that a test has seeded are all that there are.
func TestSeededStatusesAreAlone(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.status", b24.Params{"ENTITY_ID": "MINE", "STATUS_ID": "A", "NAME": "a"})
	walk(t, p, []step{
		{"crm.status.list", `{}`, `[{"ID":"1","STATUS_ID":"A"}]`},
		{"crm.status.get", `{"id":1}`, `{"ID":"1","STATUS_ID":"A","SEMANTICS":null}`},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"MINE","STATUS_ID":"B","NAME":"b"}}`, `2`},
		{"crm.status.entity.items", `{"entityId":"mine"}`, `[{"STATUS_ID":"A"},{"STATUS_ID":"B","SORT":10}]`},
	})
}

// Writes of entries check what they refer to.
func TestStatusWrites(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	id := func(method, body string) string { return resultText(t, call(t, p, method, body)) }
	added := id("crm.status.add", `{"fields":{"ENTITY_ID":"DEAL_STAGE","STATUS_ID":"MEETING","NAME":" Meeting ","SORT":55,"COLOR":"FFA900"}}`)
	lost := id("crm.status.add", `{"fields":{"ENTITY_ID":"DEAL_STAGE","STATUS_ID":"GONE","NAME":"Gone","SORT":90,"SEMANTICS":"F"}}`)
	walk(t, p, []step{
		{"crm.status.get", `{"id":` + added + `}`, `{"STATUS_ID":"MEETING","NAME":"Meeting","NAME_INIT":"","SORT":"55","SYSTEM":"N","COLOR":"#FFA900","SEMANTICS":null,
			"EXTRA":{"SEMANTICS":"process","COLOR":"#FFA900"}}`},
		{"crm.status.get", `{"id":` + lost + `}`, `{"SEMANTICS":"F","EXTRA":{"SEMANTICS":"apology"}}`},
		{"crm.status.add", `{"fields":{"NAME":"x"}}`, "!The field ENTITY_ID is required.\nThe field STATUS_ID is required."},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"NOPE","STATUS_ID":"X","NAME":"x"}}`, `!Specified entity type is not supported.`},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"X"}}`, `!The field Title is required.`},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"WEB","NAME":"x"}}`, `!ERROR_CORE The specified status ID already exists.`},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"DEAL_STAGE","STATUS_ID":"LATE","NAME":"x","SORT":65}}`, `!Cannot create more stages after the final stage because the final successful stage already exists. Try using sort order values less than that of the final stage.`},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"STATUS","STATUS_ID":"A B","NAME":"x"}}`, `!ERROR_CORE The status ID may contain only Latin letters, digits, hyphens and underscores.`},
		{"crm.status.add", `{"fields":{"ENTITY_ID":"STATUS","STATUS_ID":"AAAAAAAAAAAAAAAAAAAAAA","NAME":"x"}}`, `!ERROR_CORE The status ID is longer than 21 characters.`},
		{"crm.status.update", `{"id":` + added + `,"fields":{"NAME":"Visit","STATUS_ID":"OTHER","COLOR":"#000000"}}`, `true`},
		{"crm.status.get", `{"id":` + added + `}`, `{"STATUS_ID":"MEETING","NAME":"Visit","SORT":"55","COLOR":"#000000","EXTRA":{"COLOR":"#000000"}}`},
		{"crm.status.update", `{"id":9999,"fields":{"NAME":"x"}}`, `!Status is not found.`},
		{"crm.deal.add", `{"fields":{"TITLE":"d","STAGE_ID":"MEETING"}}`, `1`},
		{"crm.status.delete", `{"id":` + added + `}`, `!There are active items in this status.`},
		{"crm.deal.update", `{"id":1,"fields":{"STAGE_ID":"NEW"}}`, `true`},
		{"crm.status.delete", `{"id":` + added + `}`, `true`},
		{"crm.status.delete", `{"id":` + added + `}`, `!Status is not found.`},
		{"crm.status.delete", `{"id":1}`, `!CRM System Status can be deleted only if parameter FORCED is specified and equal to "Y".`},
		{"crm.status.delete", `{"id":1,"params":{"FORCED":"Y"}}`, `true`},
	})
}

// The enumerations are the same on every portal.
func TestEnums(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"crm.enum.contenttype", `{}`, `[{"ID":0,"NAME":"","SYMBOL_CODE":null},{"ID":1,"NAME":"Plain text"},{"ID":2,"NAME":"bbCode"},{"ID":3,"NAME":"HTML"}]`},
		{"crm.enum.activitydirection", `{}`, `[{"ID":0},{"ID":1,"NAME":"Incoming"},{"ID":2,"NAME":"Outgoing"}]`},
		{"crm.enum.activitytype", `{}`, `[{},{},{},{},{},{},{"ID":6,"NAME":"User Action"}]`},
		{"crm.enum.settings.mode", `{}`, `[{"ID":1,"NAME":"Classic CRM"},{"ID":2,"NAME":"Simple CRM"}]`},
		{"crm.enum.getorderownertypes", `{}`, `[{"attribute":"DYN","code":"DEAL","id":2,"name":"Deal"}]`},
		{"crm.enum.fields", `{}`, `{"ID":{"type":"int","isReadOnly":true},"NAME":{"type":"string"}}`},
	})
}
