#include "files/revocation_file.hpp"

#include <doctest.h>

#include "support/authority_settings.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace revocation_file_test {

using namespace phyllo;

TEST_CASE("a list that was kept is in force at the next start, and one of another signer is not") {
  testing::real_world world;
  auto& env = *world.env;
  const testing::temporary_directory directory;
  node::configuration c;
  c.node.data_directory = directory.path();
  c.overlay.name = "overlay.example.com";
  const auto s = testing::authority_settings(directory.file("ca"), c.overlay.name);
  const auto authority = enrollment::open_overlay_authority(env, s).value();
  const auto document = enrollment::current_document(env, s, authority).value();
  const auto bad = *identity::node_id::from_hex("00112233445566778899aabbccddeeff");
  identity::trust trust(c.overlay.name);
  REQUIRE(trust.update(document.content.root_certificates, {}));
  auto& list = trust.revocations();
  auto next = list.succeed({{bad, identity::revoked_for_good}}, 1, c.overlay.name, authority.signer).value();
  REQUIRE(list.seek(next.head));
  REQUIRE(list.apply(next.delta));
  REQUIRE(node::save_revocations(c, list));

  identity::trust again(c.overlay.name);
  REQUIRE(again.update(document.content.root_certificates, {}));
  auto foreign = document.content;
  foreign.configuration_signers = {bad};
  CHECK_FALSE(node::load_revocations(c, foreign, again, env.wall_now()));
  CHECK(again.revocations().size() == 0);
  REQUIRE(node::load_revocations(c, document.content, again, env.wall_now()));
  CHECK(again.revoked(bad));
  CHECK(again.revocations().number() == list.number());
}

}  // namespace revocation_file_test
