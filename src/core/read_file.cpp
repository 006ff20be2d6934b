#include "phyllo/core/read_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::core {
namespace {

constexpr int patience_ms = 5000;

// A pipe, such as a shell's <(command): whether its writer says something in time.
bool awaited(int fd) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, patience_ms) == 1;
}

result<std::string> read_all(int fd, std::size_t bytes_max) {
  std::string content;
  std::array<char, 16384> buffer;        // filled by read
  while (content.size() <= bytes_max) {  // ends at the file's end, with an error, or past the limit
    const auto n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN && awaited(fd)) continue;
    if (n < 0) return fail(errc::io, "cannot be read: " + std::generic_category().message(errno));
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return fail(errc::io, fmt::format("larger than {} bytes", bytes_max));
}

}  // namespace

result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe that nobody writes to would keep us for ever
  if (fd < 0 && errno == ENOENT) return std::optional<std::string>();
  if (fd < 0) return fail(errc::io, fmt::format("{}: cannot be read: {}", path, std::generic_category().message(errno)));
  auto content = read_all(fd, bytes_max);
  ::close(fd);
  if (!content) return fail(errc::io, fmt::format("{}: {}", path, content.error().detail()));
  return std::optional(std::move(*content));
}

}  // namespace phyllo::core
