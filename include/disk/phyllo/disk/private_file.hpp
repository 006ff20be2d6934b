// Files that their owner alone reads: 0600 from their first byte, and replaced whole or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/result.hpp"
#include "phyllo/disk/errc.hpp"

namespace phyllo::disk {

// Nothing: no such file. errc::io for any other failure, and for files that are longer: few of ours have 1 MiB.
[[nodiscard]] core::result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max = 1024 * 1024);

// A file to be written by this process, made where there is none, that its owner alone reads, also if others could before. `flags`:
// O_APPEND or O_TRUNC. -1 with errno.
[[nodiscard]] int open_private(const std::string& path, int flags);

// Written beside and renamed over, mode 0600. errc::io.
[[nodiscard]] core::status write_private_file(const std::string& path, std::string_view content);
// Mode 0600 where there was none. errc::io: a part of it may stand there.
[[nodiscard]] core::status append_private_file(const std::string& path, std::string_view content);

}  // namespace phyllo::disk
