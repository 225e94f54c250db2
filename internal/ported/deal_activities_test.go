package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func seedTodos(p *b24test.Portal) {
	p.Seed("user", b24.Params{"ID": 1, "NAME": "Klaus", "LAST_NAME": "Weber"}, b24.Params{"ID": 47, "NAME": "Peter", "LAST_NAME": "Schmidt"})
	p.SeedN("crm.deal", 620, func(i int) b24.Params {
		return b24.Params{"ID": 1000 + i, "TITLE": "Deal", "ASSIGNED_BY_ID": 1 + i%2} // 310 belong to user 1
	})
	deal := func(id int) b24.Params { return b24.Params{"OWNER_TYPE_ID": 2, "OWNER_ID": id} }
	p.Seed("crm.activity",
		b24.Params{
			"ID": 1, "SUBJECT": "No deadline", "COMPLETED": "N", "OWNER_TYPE_ID": 2, "OWNER_ID": 1000, "RESPONSIBLE_ID": 47,
			"DEADLINE": "9999-12-31T00:00:00+03:00", "BINDINGS": []b24.Params{deal(1000), deal(1618)},
		},
		b24.Params{
			"ID": 2, "SUBJECT": "Call", "COMPLETED": "N", "OWNER_TYPE_ID": 2, "OWNER_ID": 1618, "RESPONSIBLE_ID": 5,
			"DEADLINE": "2025-08-21T16:00:00+03:00", "BINDINGS": []b24.Params{deal(1618)},
		},
		b24.Params{
			"ID": 3, "SUBJECT": "Done", "COMPLETED": "Y", "OWNER_TYPE_ID": 2, "OWNER_ID": 1000, "RESPONSIBLE_ID": 1,
			"DEADLINE": "2025-08-21T16:00:00+03:00", "BINDINGS": []b24.Params{deal(1000)},
		},
		b24.Params{
			"ID": 4, "SUBJECT": "Not mine", "COMPLETED": "N", "OWNER_TYPE_ID": 2, "OWNER_ID": 1001, "RESPONSIBLE_ID": 1,
			"DEADLINE": "2025-08-21T16:00:00+03:00", "BINDINGS": []b24.Params{deal(1001)},
		},
	)
}

func TestMyTodos(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedTodos(p)

	todos, err := ported.MyTodos(t.Context(), hook)

	require.NoError(t, err)
	require.Len(t, todos, 2, "the one with two deals comes once")
	assert.Equal(t, [3]string{"Call", "Deal", "5"}, [3]string{todos[0].Subject, todos[0].Deal, todos[0].Name}, "an employee who is gone")
	assert.Equal(t, [3]string{"No deadline", "Deal", "Peter Schmidt"}, [3]string{todos[1].Subject, todos[1].Deal, todos[1].Name})
	assert.Equal(t, 9999, todos[1].Deadline.Year())
}

func TestMyTodosNone(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Seed("user", b24.Params{"ID": 1, "NAME": "Klaus"})

	todos, err := ported.MyTodos(t.Context(), hook)

	require.NoError(t, err)
	assert.Empty(t, todos)
	assert.Zero(t, p.Calls("crm.activity.list"), "without deals, a filter would find all activities")
	assert.Zero(t, p.Calls("user.get"))
}
