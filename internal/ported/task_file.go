package ported

import (
	"context"
	"fmt"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

// FileTask is a task with a file.
type FileTask struct {
	// Title is the title of the task.
	Title string
	// Responsible is the id of an employee.
	Responsible b24.ID
	// Folder is the folder of Drive that the file is put into.
	Folder b24.ID
	// File is the file. If its name is taken, it gets another one.
	File file.File
}

// AddFileTask puts a file on Drive and creates a task that it is attached to. It returns the id of
// the task, and the file. Each run adds one more of both. If it fails after the upload, the file is
// not empty: create the task with that one.
func AddFileTask(ctx context.Context, c b24.Client, task FileTask) (b24.ID, file.Stored, error) {
	stored, err := file.Upload(ctx, c, file.Folder(task.Folder), task.File, file.WithUniqueName())
	if err != nil {
		return "", file.Stored{}, err
	}
	id, err := b24.Call[b24.ID](ctx, c, "tasks.task.add", b24.Params{"fields": b24.Params{
		"TITLE": task.Title, "RESPONSIBLE_ID": task.Responsible, "UF_TASK_WEBDAV_FILES": file.Drive(stored.ID),
	}}, b24.WithResultKey("task", "id"))
	if err != nil {
		return "", stored, err
	}
	// The task holds the id of the attachment, which leads to the file.
	attached, err := b24.Call[b24.Rows[b24.ID]](ctx, c, "tasks.task.get", b24.Params{
		"taskId": id, "select": []string{"ID", "UF_TASK_WEBDAV_FILES"},
	}, b24.WithResultKey("task", "ufTaskWebdavFiles"))
	if err == nil && len(attached) != 1 {
		err = fmt.Errorf("task %s was created with %d files", id, len(attached))
	}
	if err != nil {
		return id, stored, err
	}
	object, err := b24.Call[b24.ID](ctx, c, "disk.attachedObject.get", b24.Params{"id": attached[0]}, b24.WithResultKey("OBJECT_ID"))
	if err == nil && object != stored.ID {
		err = fmt.Errorf("task %s was created with file %s instead of %s", id, object, stored.ID)
	}
	return id, stored, err
}
