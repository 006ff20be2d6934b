#include "files/key_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "phyllo/disk/descriptor.hpp"
#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {

core::result<std::unique_ptr<key_log>> key_log::open(const std::string& path) {
  std::unique_ptr<key_log> out(new key_log(path));
  if (auto opened = out->reopen(); !opened) return core::fail(opened.error());
  return out;
}

core::status key_log::reopen() {
  auto file = std::make_unique<disk::descriptor>(disk::open_private(path_, O_APPEND));
  if (file->get() < 0) return disk::io_error(path_, "cannot be written");
  file_ = std::move(file);
  return {};
}

void key_log::add(std::string_view line) {
  const auto whole = std::string(line) + "\n";
  // Readers see whole lines: what is appended by one call stays together. A full disk costs the capture, not the node.
  if (::write(file_->get(), whole.data(), whole.size()) < 0) return;
}

}  // namespace phyllo::node
