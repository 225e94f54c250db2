package ported_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/file"
	"github.com/b24go/b24/internal/ported"
)

func fileTask(p *b24test.Portal) ported.FileTask {
	return ported.FileTask{
		Title: "Read it", Responsible: "1", Folder: b24.IDOf(p.SeedFolder("In")), File: file.File{Name: "a.txt", Body: strings.NewReader("hello")},
	}
}

func TestAddFileTask(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)

	first, _, err := ported.AddFileTask(t.Context(), hook, fileTask(p))
	require.NoError(t, err)
	second, stored, err := ported.AddFileTask(t.Context(), hook, fileTask(p))

	require.NoError(t, err)
	assert.NotEqual(t, first, second)
	assert.Equal(t, "a (1).txt", stored.Name)
	require.Len(t, p.Files(), 2)
	assert.Equal(t, "hello", string(p.Files()[1].Content))
	require.Len(t, p.Rows("tasks.task"), 2)
	assert.Equal(t, "Read it", p.Rows("tasks.task")[1]["title"])
}

func TestAddFileTaskRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	task := fileTask(p)
	task.Folder = "99"
	_, _, err := ported.AddFileTask(t.Context(), hook, task)
	require.ErrorIs(t, err, b24.ErrNotFound)
	assert.Empty(t, p.Files())

	task = fileTask(p)
	task.Title = ""
	_, stored, err := ported.AddFileTask(t.Context(), hook, task)
	require.ErrorIs(t, err, b24.ErrCore)
	assert.Equal(t, "a.txt", stored.Name)
	assert.Len(t, p.Files(), 1, "for another attempt at the task")
	assert.Empty(t, p.Rows("tasks.task"))
}

func TestAddFileTaskAfterLostAnswer(t *testing.T) {
	t.Parallel()
	for method, tasks := range map[string]int{"upload": 0, "tasks.task.add": 1} {
		p, hook := connect(t)
		p.Fault(method, b24test.ResetAfter())

		_, _, err := ported.AddFileTask(t.Context(), hook, fileTask(p))

		assert.True(t, b24.MayHaveExecuted(err), method)
		assert.Len(t, p.Files(), 1, "it is not sent twice")
		assert.Len(t, p.Rows("tasks.task"), tasks, method)
	}
}
