package b24test_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// The portal knows whose webhook it is, what it may do and which methods there are.
func TestSystemMethods(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(7, "secret"))
	p.Handle("acme.thing.list", func(b24test.Request) (any, error) { return nil, nil })
	walk(t, p, []step{
		{"profile", `{}`, `{"ID":"7","ADMIN":true,"NAME":"","LAST_NAME":"","PERSONAL_GENDER":"","TIME_ZONE":""}`},
		{"user.admin", `{}`, `true`},
		{"user.access", `{"ACCESS":["G2"]}`, `true`},
		{"method.get", `{"name":"crm.deal.list"}`, `{"isExisting":true,"isAvailable":true}`},
		{"method.get", `{"name":"acme.thing.list"}`, `{"isExisting":true,"isAvailable":true}`},
		{"method.get", `{"name":"method.get"}`, `{"isExisting":true,"isAvailable":true}`},
		{"method.get", `{"name":"batch"}`, `{"isExisting":true,"isAvailable":true}`},
		{"method.get", `{"name":"crm.deal.LIST"}`, `{"isExisting":false,"isAvailable":false}`},
		{"method.get", `{"name":"tasks.Task.list"}`, `{"isExisting":true,"isAvailable":true}`}, // a controller
		{"method.get", `{"name":"no.such.method"}`, `{"isExisting":false,"isAvailable":false}`},
		{"method.get", `{}`, `{"isExisting":false,"isAvailable":false}`},
		{"feature.get", `{"code":"rest_offline_extended"}`, `{"value":"Y"}`},
		{"feature.get", `{"CODE":"nope"}`, `{"value":"N"}`},
		{"feature.get", `{}`, `!CODE_EMPTY CODE can't be empty`},
		{"app.info", `{}`, `{"LICENSE":"en_project"}`},
		{"events", `{}`, `!WRONG_AUTH_TYPE Current authorization type is denied for this method`},
	})
	p.Seed("user", b24.Params{"ID": 7, "NAME": "Ann", "LAST_NAME": "Ash", "PERSONAL_GENDER": "F", "TIME_ZONE": "Europe/Berlin"}, b24.Params{"ID": 8, "NAME": "Bob"})
	walk(t, p, []step{{"profile", `{}`, `{"ID":"7","ADMIN":true,"NAME":"Ann","LAST_NAME":"Ash","PERSONAL_GENDER":"F","TIME_ZONE":"Europe/Berlin"}`}})
	p.Seed("user", b24.Params{"ID": 7, "ACTIVE": false})
	walk(t, p, []step{{"profile", `{}`, `[]`}})
}

// The parameter scope of methods selects those of a permission.
func TestMethodsOfAScope(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	list := func(method, body string) []string {
		var names []string
		require.NoError(t, json.Unmarshal([]byte(resultText(t, call(t, p, method, body))), &names))
		return names
	}
	all := list("methods", `{}`)
	assert.Equal(t, all, list("methods", `{"full":true}`))
	assert.Subset(t, all, []string{"batch", "crm.deal.list", "tasks.task.add", "user.get", "user.admin", "server.time"})
	assert.Subset(t, list("methods", `{"scope":"user"}`), []string{"user.get", "user.add"})
	assert.NotContains(t, list("methods", `{"scope":"user"}`), "user.admin")
	assert.Equal(t, []string{
		"app.info", "batch", "event.offline.list", "events", "feature.get", "method.get", "methods", "profile", "scope", "server.time", "user.access", "user.admin",
	}, list("methods", `{"scope":""}`))
	assert.Empty(t, list("methods", `{"scope":"nope"}`))
	scopes := list("scope", `{}`)
	assert.Subset(t, scopes, []string{"crm", "task", "user", "department", "disk", "im", "sale", "catalog", "telephony"})
	assert.NotContains(t, scopes, "")
	assert.Equal(t, scopes, list("scope", `{"full":true}`))
}
