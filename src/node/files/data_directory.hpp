// The data directory, which holds the node's secrets: nobody but its owner reads or writes in it. Files in it are 0600 from their first
// byte, and replaced whole or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::node {

// Makes it (0700, with its parents) unless it is there. One that is there must be this process's user's, and closed to others but for the
// group's passing through (0710); its mode is never changed, since it may be others' directory by mistake. errc::io: what to do about it.
[[nodiscard]] core::status make_private_directory(const std::string& path);

// What it says of a directory that is there. errc::io.
[[nodiscard]] core::status look_at_private_directory(const std::string& path);

// Takes from others what they may do with the files directly in it: those of this process's user become 0600, but for `log_file` (a path,
// or empty), which its group may read. The paths of those that it had to change. errc::io.
[[nodiscard]] core::result<std::vector<std::string>> close_files(const std::string& directory, const std::string& log_file);

// Lets the members of that group pass through the directory to the admin socket. errc::io: the group is none of this user's.
[[nodiscard]] core::status admit_group(const std::string& directory, unsigned group);

// For a command that root runs on the directory of a node that runs as another user: goes on as that user, so that what it writes is the
// node's to read, with what is `kept` of root's rights. Nothing changes for others, or where there is no such directory. errc::io.
enum class kept_right {
  read,  // of all files: one to import may be root's
  bind,  // to ports below 1024, as the node's unit gives it
};
[[nodiscard]] core::status act_as_owner(const std::string& directory, kept_right kept);

// Nothing: no such file. errc::io for any other failure, and for files that are longer: few of ours have 1 MiB.
[[nodiscard]] core::result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max = 1024 * 1024);

// A file to be written by this process, made where there is none, that its owner alone reads, also if others could before. `flags`:
// O_APPEND or O_TRUNC. -1 with errno.
[[nodiscard]] int open_private(const std::string& path, int flags);

// Written beside and renamed over, mode 0600. errc::io.
[[nodiscard]] core::status write_private_file(const std::string& path, std::string_view content);
// Mode 0600 where there was none. errc::io: a part of it may stand there.
[[nodiscard]] core::status append_private_file(const std::string& path, std::string_view content);

}  // namespace phyllo::node
