#include "port/local_path.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace phyllo::transport {

local_path::local_path(const std::string& path) {
  auto name = path;
  if (name.size() >= sizeof address_.sun_path) {
    const auto slash = path.rfind('/');
    const auto directory = slash == std::string::npos ? std::string(".") : path.substr(0, slash + 1);
    directory_ = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory_ < 0) error_ = errno;
    name = "/proc/self/fd/" + std::to_string(directory_) + "/" + path.substr(slash + 1);
  }
  if (error_ == 0 && name.size() >= sizeof address_.sun_path) error_ = ENAMETOOLONG;
  if (error_ != 0) return;
  address_.sun_family = AF_UNIX;
  std::ranges::copy(name, address_.sun_path);
}

local_path::~local_path() {
  if (directory_ >= 0) ::close(directory_);
}

const sockaddr* local_path::address() const { return reinterpret_cast<const sockaddr*>(&address_); }

bool local_path::bind(int fd) const {
  if (error_ != 0) errno = error_;
  return error_ == 0 && ::bind(fd, address(), sizeof address_) == 0;
}

bool local_path::connect(int fd) const {
  if (error_ != 0) errno = error_;
  return error_ == 0 && ::connect(fd, address(), sizeof address_) == 0;
}

}  // namespace phyllo::transport
