package b24test_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// Fields of a user stand beside each other, in any letter case; what a user does not have is dropped.
func TestUsersAreWritten(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("user", b24.Params{"ID": 4, "NAME": "Ann", "EMAIL": "ann@example.com"})
	a := call(t, p, "user.add", `{"EMAIL":"bob@example.com","name":"Bob","UF_DEPARTMENT":7,"NO_SUCH":"x","UF_OTHER":"x","UF_USR_1":"u","IS_ONLINE":"Y","ID":70}`)
	require.Equal(t, "5", resultText(t, a))
	assert.Equal(t, b24.Params{"ID": "5", "EMAIL": "bob@example.com", "NAME": "Bob", "UF_DEPARTMENT": []any{"7"}, "UF_USR_1": "u", "ACTIVE": true}, p.Rows("user")[1])
	for _, tt := range []struct {
		body   string
		active bool
	}{{`"ACTIVE":"N"`, false}, {`"active":"Y"`, true}, {`"ACTIVE":true`, false}, {`"ACTIVE":"1"`, true}, {`"ACTIVE":false`, false}, {`"ACTIVE":1`, true}} {
		require.Equal(t, "true", resultText(t, call(t, p, "user.update", `{"ID":5,`+tt.body+`}`)))
		assert.Equal(t, tt.active, p.Rows("user")[1]["ACTIVE"], "PHP finds true equal to N: %s", tt.body)
	}
	call(t, p, "user.update", `{"id":"5","LAST_NAME":"Brown","NO_SUCH":"x","DATE_REGISTER":"2001-01-01"}`)
	assert.Equal(t, "Brown", p.Rows("user")[1]["LAST_NAME"])
	assert.NotContains(t, p.Rows("user")[1], "NO_SUCH")
	assert.NotContains(t, p.Rows("user")[1], "DATE_REGISTER")
	for _, tt := range []struct{ method, body, code, text string }{
		{"user.add", `{"UF_DEPARTMENT":1}`, "ERROR_ARGUMENT", "wrong_email"},
		{"user.add", `{"EMAIL":"no","UF_DEPARTMENT":1}`, "ERROR_ARGUMENT", "wrong_email"},
		{"user.add", `{"EMAIL":"c@example.com"}`, "ERROR_ARGUMENT", "no_extranet_field"},
		{"user.add", `{"EMAIL":"c@example.com","EXTRANET":"Y"}`, "ERROR_ARGUMENT", "no_sonet_group_for_extranet"},
		{"user.add", `{"EMAIL":"Ann@example.com","UF_DEPARTMENT":1}`, "ERROR_ARGUMENT", "A user with this email already exists"},
		{"user.add", `{"EMAIL":"c@example.com","UF_DEPARTMENT":1,"WORK_PHONE":5}`, "ERROR_ARGUMENT", "invalid_type_field"},
		{"user.update", `{"NAME":"x"}`, "ERROR_CORE", "access_denied"},
		{"user.update", `{"ID":99,"NAME":"x"}`, "ERROR_CORE", ""},
	} {
		a := call(t, p, tt.method, tt.body)
		assert.Equal(t, http.StatusBadRequest, a.Status, "%s %s", tt.method, tt.body)
		assert.Equal(t, tt.code, a.field(t, "error"), "%s %s", tt.method, tt.body)
		assert.Equal(t, tt.text, a.field(t, "error_description"), "%s %s", tt.method, tt.body)
	}
	assert.Len(t, p.Rows("user"), 2)
}
