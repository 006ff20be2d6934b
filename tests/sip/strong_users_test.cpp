#include "sip/strong_users.hpp"

#include <doctest.h>

#include "sip/binding_journal.hpp"

namespace strong_users_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

constexpr core::hash_key secret{3, 4};

bool knows(const std::string& text, const std::string& user) {
  strong_users next(secret);
  next.restore(text);
  return next.contains(user);
}

}  // namespace

TEST_CASE("who has used SHA-256 is known after a start, by changes and by the whole") {
  strong_users u(secret);
  u.add("alice@example.com");
  u.add("b%b\n@example.com");
  u.add("alice@example.com");
  auto text = u.take_changes(false);
  CHECK(u.take_changes(false).empty());
  for (const auto& kept : {text, u.take_changes(true)}) {
    CHECK(knows(kept, "alice@example.com"));
    CHECK(knows(kept, "b%b\n@example.com"));
    CHECK_FALSE(knows(kept, "carol@example.com"));
  }
  u.add("carol@example.com");
  text += u.take_changes(false);
  CHECK(knows(text, "carol@example.com"));
}

TEST_CASE("who is gone, or has another password, is forgotten, after a start too") {
  strong_users u(secret);
  u.add("alice@example.com");
  u.add("bob@example.com");
  auto text = u.take_changes(false);
  u.forget([](const std::string& user) { return user.starts_with("alice"); });
  CHECK_FALSE(u.contains("alice@example.com"));
  text += u.take_changes(false);
  CHECK_FALSE(knows(text, "alice@example.com"));
  CHECK(knows(text, "bob@example.com"));
  CHECK_FALSE(knows(u.take_changes(true), "alice@example.com"));
}

TEST_CASE("the lines stand among those of bindings, and a torn one is left out") {
  strong_users u(secret);
  u.add("alice@example.com");
  const auto text = u.take_changes(true);
  CHECK(binding_journal::read(text).empty());
  CHECK(knows("u\tbob@example.com\nb\t1\n" + text, "alice@example.com"));
  CHECK_FALSE(knows(text.substr(0, text.size() - 1), "alice@example.com"));
}

TEST_CASE("what nobody takes is bounded, and then all is written anew") {
  strong_users u(secret);
  for (int i = 0; i < 300'000 && !u.whole_due(); ++i) u.add("user" + std::to_string(i) + "@example.com");
  CHECK(u.whole_due());
  CHECK(u.take_changes(false).empty());
  CHECK(knows(u.take_changes(true), "user7@example.com"));
  CHECK_FALSE(u.whole_due());
}

}  // namespace strong_users_test
