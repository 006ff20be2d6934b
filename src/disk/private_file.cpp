#include "phyllo/disk/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "phyllo/core/read_file.hpp"
#include "phyllo/disk/descriptor.hpp"

namespace phyllo::disk {
namespace {

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

core::result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max) {
  auto content = core::read_file(path, bytes_max);
  if (!content) return core::fail(errc::io, content.error().detail());
  return content;
}

int open_private(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  struct stat file{};
  if (fd >= 0 && ::fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && (file.st_mode & 0177) != 0) (void)::fchmod(fd, 0600);
  return fd;
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

core::status append_private_file(const std::string& path, std::string_view content) {
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (file.get() < 0 || !write_all(file.get(), content)) return io_error(path, "cannot be written");
  return {};
}

}  // namespace phyllo::disk
