package b24test_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

// Every method that the documentation of the package names exists.
func TestDocumentedMethodsExist(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	p := b24test.NewPortal(t, b24test.WithMemory())
	names := regexp.MustCompile(`\b(?:(?:[a-z][\w]*\.)+(?:[Ee]vent\.)?(?:list|get|add|update|delete|admin|access|info|time)\b|profile\b)`).FindAllString(string(doc), -1)
	assert.Greater(t, len(names), 20)
	assert.Subset(t, names, []string{"crm.type.add", "user.get", "method.get", "profile", "crm.item.list", "im.v2.Event.get"})
	for _, name := range names {
		assert.NotContains(t, call(t, p, name, `{}`).Body, "ERROR_METHOD_NOT_FOUND", name)
	}
}
