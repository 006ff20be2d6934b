// The ring as a node sees it that reaches nobody, and knows whom the test says, by a clock that the test sets.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "phyllo/overlay/errc.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::testing {

class lone_surroundings final : public overlay::surroundings {
 public:
  lone_surroundings(overlay::node_id self, core::wall_time now) : clock(now), self_(self) {}

  [[nodiscard]] const overlay::node_id& self() const override { return self_; }
  [[nodiscard]] bool active() const override { return in_ring; }
  [[nodiscard]] std::vector<overlay::member> members() const override {
    std::vector<overlay::member> all{{.node = self_, .incarnation = 1, .active = true, .suspect = false}};
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }
  [[nodiscard]] std::size_t leaf_set_size() const override { return 32; }
  [[nodiscard]] core::wall_time wall_now() const override { return clock; }
  [[nodiscard]] bool clock_agreed() const override { return agreed; }
  core::awaitable<core::result<overlay::answer>> request(overlay::node_id, overlay::message_contents, core::time_point) override {
    co_return core::fail(overlay::errc::unreachable);
  }
  core::awaitable<core::result<overlay::answer>> request_root(overlay::resource_id, overlay::message_contents, core::time_point) override {
    co_return core::fail(overlay::errc::unreachable);
  }
  void request_each(std::vector<overlay::node_id> to, overlay::message_contents m, core::time_point, answer_handler h) override {
    asked.push_back({std::move(to), std::move(m), std::move(h)});
  }
  core::awaitable<core::result<core::bytes>> sync(overlay::node_id, core::bytes, core::time_point) override {
    co_return core::fail(overlay::errc::unreachable);
  }
  void reconcile(overlay::node_id with) override { reconciled.push_back(with); }
  void announce_synced(overlay::resource_id, overlay::resource_id, std::uint64_t) override {}
  void remind_unsynced(overlay::node_id) override {}
  [[nodiscard]] const identity::certificate* find_certificate(const identity::sha256_digest& fingerprint) const override {
    const auto at = certificates.find(fingerprint);
    return at == certificates.end() ? nullptr : &at->second;
  }

  // What nobody answers, but the test.
  struct question {
    std::vector<overlay::node_id> to;
    overlay::message_contents contents;
    answer_handler answered;
  };

  core::wall_time clock;
  std::vector<question> asked;
  std::vector<overlay::node_id> reconciled;
  bool agreed = true;
  bool in_ring = true;
  std::vector<overlay::member> others;
  std::map<identity::sha256_digest, identity::certificate> certificates;

 private:
  overlay::node_id self_;
};

}  // namespace phyllo::testing
