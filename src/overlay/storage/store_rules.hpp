// What a StoreReq has to fulfil, and how it is taken into what is held (RFC 6940 s.7.4.1; storage.md, W 1 to 3): the part of a write that
// waits for nobody.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "phyllo/core/metrics.hpp"
#include "storage/held_records.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"
#include "storage/value_judge.hpp"

namespace phyllo::overlay {

class store_rules {
 public:
  using certificates = std::vector<identity::certificate>;

  // All of it outlives this.
  store_rules(const core::environment& env, const surroundings& ring, held_records& held, const value_judge& judge, core::metrics& metrics)
      : env_(env), ring_(ring), held_(held), judge_(judge), metrics_(metrics) {}

  // The request's body, or the error to answer with.
  [[nodiscard]] static std::expected<store_request, message_contents> read(core::byte_view body, kind_table kinds);

  // Root, or it stands in for one.
  static constexpr const char* not_responsible = "not responsible now";
  [[nodiscard]] bool responsible(const resource_id& resource) const { return ring_.active() && held_.stands_in(resource); }
  // Of a writer's request, before anything is waited for: that this node is responsible, and as judge_all.
  [[nodiscard]] std::optional<message_contents> judge_original(const incoming& request, const store_request& body,
                                                               certificates& signers) const;
  // Every value, the sender and the quotas: the error to answer with, or nothing and the values' signers. `original`: a writer's, not a
  // replica's.
  [[nodiscard]] std::optional<message_contents> judge_all(const incoming& request, const store_request& body, bool original,
                                                          certificates& signers) const;
  // Whether what is held permits it, and the Kinds that are served now: the error, or nothing.
  [[nodiscard]] std::optional<message_contents> conditions(const store_request& body, const request_options& o) const;
  // Gives what is to be appended its index.
  void place_appended(store_request& body) const;
  // What a writer has stored: the generation counter rises if it changes something. A copy has the counter of who has sent it.
  void take_original(const store_request& body, const certificates& signers);
  void take_copy(const store_request& body, const certificates& signers);

  [[nodiscard]] message_contents too_old(const resource_id& resource, const std::vector<item_key>& keys) const;
  // `holders`: known to hold it, this node included.
  [[nodiscard]] message_contents answer_for(const resource_id& resource, const std::vector<item_key>& keys, unsigned holders) const;

  [[nodiscard]] static std::vector<item_key> keys_of(const store_request& body);
  [[nodiscard]] static bool depends_on_state(const store_request& body);  // what is stored already decides what becomes of it

 private:
  bool take_all(const store_request& body, const certificates& signers);  // true: something changed

  const core::environment& env_;
  const surroundings& ring_;
  held_records& held_;
  const value_judge& judge_;
  core::metrics& metrics_;
};

}  // namespace phyllo::overlay
