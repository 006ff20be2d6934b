#include "phyllo/transport/local_socket.hpp"

#include <doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/task_scope.hpp"
#include "support/run.hpp"

namespace local_stream_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct fixture {
  testing::real_world world;
  core::environment& env = *world.env;
  std::string directory = (std::filesystem::temp_directory_path() / "phyllo-test-XXXXXX").string();
  fixture() { REQUIRE(::mkdtemp(directory.data()) != nullptr); }
  ~fixture() {
    std::error_code ec;
    std::filesystem::remove_all(directory, ec);
  }
  [[nodiscard]] std::string socket() const { return directory + "/admin.sock"; }
};

unsigned mode_of(const std::string& path) {
  struct stat s{};
  REQUIRE(::lstat(path.c_str(), &s) == 0);
  REQUIRE(S_ISSOCK(s.st_mode));
  return s.st_mode & 0777u;
}

// Sends back what it reads until the peer's end.
core::awaitable<void> echo(core::environment& env, transport::stream_listener& l) {
  auto s = co_await l.accept();
  REQUIRE(s.has_value());
  std::array<std::uint8_t, 4096> buffer{};
  auto n = co_await (*s)->read(buffer, env.now() + 5s);
  while (n) {
    const auto written = co_await (*s)->write(core::byte_view(buffer).first(*n), env.now() + 5s);
    REQUIRE(written.has_value());
    n = co_await (*s)->read(buffer, env.now() + 5s);
  }
  CHECK(n.error() == transport::errc::closed);
}

core::awaitable<void> send(core::environment& env, transport::stream& s, const core::bytes& all) {
  const auto written = co_await s.write(all, env.now() + 5s);
  CHECK(written.has_value());
}

core::awaitable<void> talk(core::environment& env, std::string path) {
  const transport::local_address at{path, std::nullopt};
  const auto l = transport::listen_local(env, at);
  REQUIRE_MESSAGE(l.has_value(), (l ? "" : l.error().message()));
  core::task_scope tasks(env);
  tasks.spawn(echo(env, **l));
  const auto s = co_await transport::open_local_stream(env, path, env.now() + 5s);
  REQUIRE_MESSAGE(s.has_value(), (s ? "" : s.error().message()));
  std::array<std::uint8_t, 4096> buffer{};
  const auto early = co_await (*s)->read(buffer, env.now() + 20ms);
  CHECK(early.error() == transport::errc::timed_out);
  // More than the socket's buffers hold: both ends wait for each other.
  core::bytes all(4'000'000), back;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i * 31 + i / 4099);
  tasks.spawn(send(env, **s, all));
  while (back.size() < all.size()) {
    const auto n = co_await (*s)->read(buffer, env.now() + 5s);
    REQUIRE(n.has_value());
    core::append(back, core::byte_view(buffer).first(*n));
  }
  CHECK(back == all);
  (*s)->close();
  co_await tasks.join();
  (*l)->close();
  CHECK_FALSE(std::filesystem::exists(path));
}

core::awaitable<void> connect(core::environment& env, std::string path, core::result<std::unique_ptr<transport::stream>>& out) {
  out = co_await transport::open_local_stream(env, path, env.now() + 200ms);
}

}  // namespace

TEST_CASE("what one end of a Unix socket writes the other reads, and its file goes with the listener") {
  fixture f;
  f.world.run(talk(f.env, f.socket()));
}

TEST_CASE("a path beyond the 108 bytes of a socket's address serves as well") {
  fixture f;
  const auto deep = f.directory + "/" + std::string(120, 'd') + "/" + std::string(120, 'e');
  REQUIRE(std::filesystem::create_directories(deep));
  f.world.run(talk(f.env, deep + "/admin.sock"));
  const auto missing = transport::listen_local(f.env, {f.directory + "/" + std::string(130, 'x') + "/admin.sock", std::nullopt});
  CHECK(missing.error() == transport::errc::refused);
}

TEST_CASE("a socket is its owner's alone, or its group's too, whatever the umask") {
  fixture f;
  const auto before = ::umask(0);
  const auto own = transport::listen_local(f.env, {f.socket(), std::nullopt});
  ::umask(before);
  REQUIRE(own.has_value());
  CHECK(mode_of(f.socket()) == 0600);
  const auto shared = transport::listen_local(f.env, {f.directory + "/shared.sock", ::getegid()});
  REQUIRE(shared.has_value());
  CHECK(mode_of(f.directory + "/shared.sock") == 0660);
}

TEST_CASE("a socket that a process left behind is replaced, one that answers is not, nor a file of another kind") {
  fixture f;
  const auto first = transport::listen_local(f.env, {f.socket(), std::nullopt});
  REQUIRE(first.has_value());
  const auto second = transport::listen_local(f.env, {f.socket(), std::nullopt});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error() == transport::errc::address_in_use);
  const auto kept = f.directory + "/kept";
  std::filesystem::create_hard_link(f.socket(), kept);
  (*first)->close();
  std::filesystem::rename(kept, f.socket());
  CHECK(transport::listen_local(f.env, {f.socket(), std::nullopt}).has_value());
  std::ofstream(f.socket()) << "precious";
  const auto third = transport::listen_local(f.env, {f.socket(), std::nullopt});
  REQUIRE_FALSE(third.has_value());
  CHECK(third.error() == transport::errc::refused);
  CHECK(third.error().message().find("is no socket") != std::string::npos);
  CHECK(std::filesystem::file_size(f.socket()) == 8);
}

TEST_CASE("a listener that closes leaves alone what another has put in its place") {
  fixture f;
  const auto first = transport::listen_local(f.env, {f.socket(), std::nullopt});
  REQUIRE(first.has_value());
  std::filesystem::remove(f.socket());
  const auto second = transport::listen_local(f.env, {f.socket(), std::nullopt});
  REQUIRE(second.has_value());
  (*first)->close();
  CHECK(std::filesystem::exists(f.socket()));
}

TEST_CASE("connecting where nobody listens is refused, with the path") {
  fixture f;
  core::result<std::unique_ptr<transport::stream>> s = core::fail(transport::errc::closed);
  f.world.run(connect(f.env, f.socket(), s));
  REQUIRE_FALSE(s.has_value());
  CHECK(s.error() == transport::errc::refused);
  CHECK(s.error().message().find(f.socket()) != std::string::npos);
}

}  // namespace local_stream_test
