#include "admin/process_metrics.hpp"

#include <doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>

namespace process_metrics_test {

using namespace phyllo;

namespace {

double value_of(const std::string& name) {
  const auto text = node::process_metrics_text();
  const auto at = text.find("\n" + name + " ");
  REQUIRE_MESSAGE(at != std::string::npos, name);
  CHECK(text.find("# HELP " + name + " ") != std::string::npos);
  CHECK(text.find("# TYPE " + name + " ") != std::string::npos);
  return std::stod(text.substr(at + name.size() + 2));
}

}  // namespace

TEST_CASE("descriptors are counted as they are opened, without the one that counts") {
  const auto before = value_of("process_open_fds");
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  CHECK(value_of("process_open_fds") == before + 1);
  ::close(fd);
  CHECK(value_of("process_open_fds") == before);
  CHECK(value_of("process_max_fds") > before);
}

TEST_CASE("a process was started before now, and takes less memory than addresses") {
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  CHECK(value_of("process_start_time_seconds") <= now + 1);
  CHECK(value_of("process_start_time_seconds") > now - 7 * 24 * 3600);
  CHECK(value_of("process_resident_memory_bytes") > 100'000);
  CHECK(value_of("process_resident_memory_bytes") < value_of("process_virtual_memory_bytes"));
  CHECK(value_of("process_cpu_seconds_total") > 0);
}

}  // namespace process_metrics_test
