#include "data_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "descriptor.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {  // ends when all is written, or with an error
    const auto n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0;
}

}  // namespace

core::status make_private_directory(const std::string& path) {
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec)) return {};
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, ec);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error(path, "cannot be made");
  return {};
}

core::result<std::optional<std::string>> read_file(const std::string& path) {
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::optional<std::string>();
  if (file.get() < 0) return io_error(path, "cannot be read");
  std::string content;
  std::array<char, 16384> buffer;
  while (content.size() <= file_bytes_max) {  // ends at the file's end, with an error, or past the limit
    const auto n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(path, "cannot be read");
    if (n == 0) return std::optional(std::move(content));
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return core::fail(errc::io, fmt::format("{}: larger than {} bytes", path, file_bytes_max));
}

core::status write_private_file(const std::string& path, std::string_view content) {
  const auto beside = path + ".new";
  {
    const descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return io_error(beside, "cannot be written");
    if (!write_all(file.get(), content)) return io_error(beside, "cannot be written");
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return io_error(path, "cannot be replaced");
  return {};
}

}  // namespace phyllo::node
