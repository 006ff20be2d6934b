// A directory that holds secrets: nobody but its owner reads or writes in it.
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/disk/errc.hpp"

namespace phyllo::disk {

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

}  // namespace phyllo::disk
