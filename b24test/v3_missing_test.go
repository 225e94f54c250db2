package b24test_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// What is said of a task that does not exist: it cannot be found, or the right to change it is missing.
func TestMissingTasksV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.V3().Seed("tasks.task", b24.Params{"id": 7, "title": "x"})
	p.V3().Seed("shop.good", b24.Params{"id": 7})
	const invalid, denied = "VALIDATION_REQUESTVALIDATIONEXCEPTION", "ACCESSDENIEDEXCEPTION"
	for _, tt := range []struct {
		method, body, code, message string
		status                      int
	}{
		{"tasks.task.get", `{"id":2}`, "ENTITYNOTFOUNDEXCEPTION", "Record with ID = `2` not found", 400},
		{"tasks.task.update", `{"id":2,"fields":{"title":"y"}}`, denied, "Access denied", 403},
		{"tasks.task.update", `{"id":0,"fields":{}}`, denied, "Access denied", 403},
		{"tasks.task.delete", `{"id":2}`, denied, "Access denied", 403},
		{"tasks.task.update", `{"filter":["id",7],"fields":{"title":"y"}}`, invalid, "Required field `id` is not specified", 400},
		{"tasks.task.delete", `{"filter":["id",7]}`, invalid, "Required field `id` is not specified", 400},
		{"shop.good.get", `{"id":2}`, "ENTITYNOTFOUNDEXCEPTION", "Record with ID = `2` not found", 400},
	} {
		a := callV3(t, p, tt.method, tt.body)
		assert.Equal(t, tt.status, a.Status, "%s %s", tt.method, tt.body)
		require.Equal(t, tt.code, codeOf(t, a), "%s %s", tt.method, tt.body)
		message := a.field(t, "error", "message")
		if tt.code == invalid {
			message = a.field(t, "error", "validation", 0, "message")
		}
		assert.Equal(t, tt.message, message, "%s %s", tt.method, tt.body)
	}
	for _, id := range []string{`"abc"`, `"7x"`, `7.5`, `[7]`, `{}`, `""`} {
		for method, fields := range map[string]string{"get": "", "update": `,"fields":{}`, "delete": ""} {
			for _, entity := range []string{"tasks.task.", "shop.good."} {
				a := callV3(t, p, entity+method, `{"id":`+id+fields+`}`)
				assert.Equal(t, http.StatusBadRequest, a.Status, "%s%s %s", entity, method, id)
				require.Equal(t, invalid, codeOf(t, a), "%s%s %s", entity, method, id)
				assert.Equal(t, "id", a.field(t, "error", "validation", 0, "field"))
				assert.Equal(t, "Field `id` requires data type `int` for this request", a.field(t, "error", "validation", 0, "message"))
			}
		}
	}
	for _, id := range []string{`7`, `"7"`, `7.0`} {
		assert.Equal(t, http.StatusOK, callV3(t, p, "tasks.task.get", `{"id":`+id+`}`).Status, id)
	}
	// The framework's own update and delete do not look whether the row is there.
	for _, method := range []string{"update", "delete"} {
		a := callV3(t, p, "shop.good."+method, `{"id":2,"fields":{}}`)
		assert.JSONEq(t, `{"result":true}`, resultText(t, a))
	}
	assert.Len(t, p.V3().Rows("shop.good"), 1)
	assert.Len(t, p.V3().Rows("tasks.task"), 1)
}
