#include "../../src/enrollment/revocation_signer.hpp"

#include <doctest.h>

#include <filesystem>

#include "phyllo/enrollment/overlay_authority.hpp"
#include "support/authority_settings.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace revocation_signer_test {

using namespace phyllo;

namespace {

const auto bad = *identity::node_id::from_hex("00112233445566778899aabbccddeeff");

struct fixture {
  testing::real_world world;
  core::environment& env = *world.env;
  testing::temporary_directory directory;
  enrollment::authority_settings s = testing::authority_settings(directory.path());
  enrollment::overlay_authority authority = enrollment::open_overlay_authority(env, s).value();
  identity::parsed_configuration document = enrollment::current_document(env, s, authority).value();
  std::unique_ptr<enrollment::accounts> accounts = enrollment::accounts::open(directory.file("accounts.db")).value();
  identity::trust trust{s.overlay};
  enrollment::revocation_signer signer{s, *accounts, authority.signer, trust};

  fixture() { REQUIRE(trust.update(document.content.root_certificates, {})); }
  void add(const std::string& user, bool replace = false) {
    const enrollment::account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
    REQUIRE(accounts->add(enrollment::prepare_account(user, "secret", {}, quick).value(), replace));
  }
  // True: there was a next list, and it is in force.
  bool step(core::duration later = {}) { return step_of(signer, later); }
  bool step_of(enrollment::revocation_signer& by, core::duration later = {}) {
    auto next = by.due(env.wall_now() + later).value();
    if (!next) return false;
    REQUIRE(identity::read_revocation_head(next->head.text, trust, document.content.configuration_signers, env.wall_now()));
    REQUIRE(trust.revocations().seek(next->head));
    REQUIRE(trust.revocations().apply(next->delta));
    return true;
  }
  [[nodiscard]] std::size_t entries() const { return trust.revocations().size(); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "the first list is there at once, and a next one only when something has changed") {
  CHECK(step());
  CHECK(entries() == 0);
  CHECK(trust.revocations().number() > 1'700'000'000);  // it follows the clock
  CHECK_FALSE(step());
  add("bob@example.com");
  CHECK_FALSE(step());
  REQUIRE(accounts->remove("bob@example.com"));
  CHECK(step());
  CHECK(entries() == 1);
  CHECK(trust.revocations().find(identity::revoked_user("bob@example.com")) == accounts->revoked_before("bob@example.com").value());
  CHECK_FALSE(step());
}

TEST_CASE_FIXTURE(fixture, "configured nodes are revoked for good, and are not any more when they are taken out") {
  s.bad_nodes = {bad};
  CHECK(step());
  CHECK(trust.revoked(bad));
  s.bad_nodes.clear();
  CHECK(step());
  CHECK(entries() == 0);
}

TEST_CASE_FIXTURE(fixture, "an entry goes when the last certificate that it is of has ended") {
  add("bob@example.com");
  add("bob@example.com", true);
  CHECK(step());
  CHECK(entries() == 1);
  CHECK_FALSE(step(std::chrono::minutes(59)));
  CHECK_FALSE(step(std::chrono::days(6)));
  CHECK(step(std::chrono::days(8)));
  CHECK(entries() == 0);
}

TEST_CASE_FIXTURE(fixture, "authority that is gained is in the list, under another name than what is revoked") {
  add("bob@example.com");
  REQUIRE(accounts->change("bob@example.com", {.domains = std::vector<std::string>{"example.com"}, .peers = {}}));
  CHECK(step());
  CHECK(trust.revocations().find(identity::outdated_user("bob@example.com")).has_value());
  CHECK_FALSE(trust.revocations().find(identity::revoked_user("bob@example.com")).has_value());
}

TEST_CASE_FIXTURE(fixture, "a list says a change when it is in force, not when it is signed") {
  CHECK_FALSE(signer.says(0));
  CHECK(step());
  CHECK(signer.says(accounts->latest_change().value()));
  add("bob@example.com");
  REQUIRE(accounts->remove("bob@example.com"));
  const auto change = accounts->latest_change().value();
  CHECK_FALSE(signer.says(change));
  const auto next = signer.due(env.wall_now()).value();
  REQUIRE(next);
  CHECK_FALSE(signer.says(change));
  REQUIRE(trust.revocations().seek(next->head));
  REQUIRE(trust.revocations().apply(next->delta));
  CHECK(signer.says(change));
}

TEST_CASE_FIXTURE(fixture, "accounts of a backup forget no revocation that the overlay knows, and what changes then is above it") {
  add("bob@example.com");
  add("carol@example.com");
  s.bad_nodes = {bad};
  CHECK(step());
  const auto backup = enrollment::accounts::open(directory.file("restored.db")).value();  // it knows nobody
  REQUIRE(accounts->remove("bob@example.com"));
  CHECK(step(std::chrono::hours(2)));  // the clock was ahead, too
  const auto ring_has = trust.revocations().number();
  s.bad_nodes.clear();  // the configuration decides about nodes
  enrollment::revocation_signer restored(s, *backup, authority.signer, trust);
  const auto first = restored.due(env.wall_now()).value();
  REQUIRE(first);
  CHECK(first->head.number == ring_has + 1);
  CHECK(restored.unknown_users() == 1);
  REQUIRE(trust.revocations().seek(first->head));
  REQUIRE(trust.revocations().apply(first->delta));
  CHECK(trust.revocations().find(identity::revoked_user("bob@example.com")).has_value());
  CHECK_FALSE(trust.revoked(bad));
  CHECK_FALSE(restored.due(env.wall_now()).value());
  const auto later = restored.due(env.wall_now() + std::chrono::days(8)).value();  // his last certificate has ended
  REQUIRE(later);
  CHECK(later->head.entries == 0);
}

TEST_CASE_FIXTURE(fixture,
                  "while a newer list is on its way nothing is signed and no change is lost; a minute later it is signed above it") {
  CHECK(step());
  add("bob@example.com");
  enrollment::revocation_signer elsewhere(s, *accounts, authority.signer, trust);
  auto unseen =
      trust.revocations().succeed({{bad, identity::revoked_for_good}}, trust.revocations().number() + 5000, s.overlay, authority.signer);
  REQUIRE(unseen);
  REQUIRE(trust.revocations().seek(unseen->head));  // its content is not here
  REQUIRE(accounts->remove("bob@example.com"));
  CHECK_FALSE(signer.due(env.wall_now()).value());
  CHECK_FALSE(signer.says(accounts->latest_change().value()));
  const auto next = signer.due(env.wall_now() + std::chrono::seconds(61)).value();
  REQUIRE(next);
  CHECK(next->head.number == unseen->head.number + 1);
  REQUIRE(trust.revocations().seek(next->head));
  REQUIRE(trust.revocations().apply(next->delta));
  CHECK(signer.says(accounts->latest_change().value()));
}

TEST_CASE_FIXTURE(fixture,
                  "what was revoked after the backup that the accounts come from stays revoked, until its certificates have ended") {
  add("bob@example.com");
  add("carol@example.com");
  accounts.reset();  // all is in the file
  std::filesystem::copy_file(directory.file("accounts.db"), directory.file("backup.db"));
  accounts = enrollment::accounts::open(directory.file("accounts.db")).value();
  enrollment::revocation_signer living{s, *accounts, authority.signer, trust};
  REQUIRE(accounts->remove("bob@example.com"));
  CHECK(step_of(living));
  const auto backup = enrollment::accounts::open(directory.file("backup.db")).value();
  enrollment::revocation_signer restored{s, *backup, authority.signer, trust};
  CHECK_FALSE(step_of(restored));
  CHECK(entries() == 1);
  REQUIRE(backup->remove("carol@example.com"));
  CHECK(step_of(restored));
  CHECK(entries() == 2);
  CHECK(step_of(restored, std::chrono::days(8)));
  CHECK(entries() == 0);
}

}  // namespace revocation_signer_test
