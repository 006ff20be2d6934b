#include "admin/admin_token.hpp"

#include <doctest.h>
#include <sys/stat.h>

#include "phyllo/node/errc.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace admin_token_test {

using namespace phyllo;

namespace {

struct fixture {
  testing::temporary_directory d;
  testing::real_world world;
  node::configuration c;
  fixture() { c.node.data_directory = d.path(); }
};

}  // namespace

TEST_CASE("the admin token is made once, for its owner alone, and kept") {
  fixture f;
  const auto token = node::admin_token(*f.world.env, f.c).value();
  CHECK(token.size() == 64);
  CHECK(testing::content_of(f.d.file("admin.token")) == token + "\n");
  struct stat s{};
  REQUIRE(::stat(f.d.file("admin.token").c_str(), &s) == 0);
  CHECK((s.st_mode & 0777) == 0600);
  CHECK(node::admin_token(*f.world.env, f.c).value() == token);
  fixture other;
  CHECK(node::admin_token(*other.world.env, other.c).value() != token);
}

TEST_CASE("a configured token file must be there, be closed to others, and hold enough") {
  fixture f;
  f.c.admin.token_file = "mine";
  const auto refused = [&](const char* why) {
    const auto token = node::admin_token(*f.world.env, f.c);
    REQUIRE_FALSE(token.has_value());
    CHECK(token.error() == node::errc::configuration);
    CHECK_MESSAGE(token.error().message().find("admin.token_file: " + f.d.file("mine")) != std::string::npos, token.error().message());
    CHECK_MESSAGE(token.error().message().find(why) != std::string::npos, token.error().message());
  };
  refused("no such file");
  f.d.write("mine", "a token of thirty characters..\r\nmore\n");
  REQUIRE(::chmod(f.d.file("mine").c_str(), 0644) == 0);
  refused("chmod");
  REQUIRE(::chmod(f.d.file("mine").c_str(), 0640) == 0);
  CHECK(node::admin_token(*f.world.env, f.c).value() == "a token of thirty characters..");
  f.d.write("mine", "short\n");
  refused("16 characters");
  f.c.admin.token_file = f.d.path();
  CHECK(node::admin_token(*f.world.env, f.c).error() == node::errc::configuration);
}

}  // namespace admin_token_test
