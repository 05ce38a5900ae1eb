/** Runs `test` with a file system of 64 KiB; false where mounting one is not allowed. */
export async function onTinyDisk(test: (folder: string) => Promise<void>): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    const { success } = await new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder],
      stderr: "null",
    }).output();
    if (!success) return false;
    try {
      await test(folder);
    } finally {
      await new Deno.Command("umount", { args: [folder] }).output();
    }
    return true;
  } finally {
    await Deno.remove(folder);
  }
}

/** Whether `onTinyDisk` works here: on Linux, as root. */
export const tinyDiskAllowed = Deno.build.os === "linux" &&
  await onTinyDisk(() => Promise.resolve());
