#include "key_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <memory>

#include "data_directory.hpp"
#include "descriptor.hpp"

namespace phyllo::node {

core::result<std::function<void(std::string_view)>> open_key_log(const std::string& path) {
  const auto file = std::make_shared<descriptor>(open_private(path, O_APPEND));
  if (file->get() < 0) return io_error(path, "cannot be written");
  return [file](std::string_view line) {
    const auto whole = std::string(line) + "\n";
    // Readers see whole lines: what is appended by one call stays together. A full disk costs the capture, not the node.
    if (::write(file->get(), whole.data(), whole.size()) < 0) return;
  };
}

}  // namespace phyllo::node
