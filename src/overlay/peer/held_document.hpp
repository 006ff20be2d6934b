// The configuration document that is in force at a node (RFC 6940 s.6.3.2.1, s.6.5.4, s.11.1), as a machine: what may replace it, and what
// of it is sent whom.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/configuration.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

class held_document {
 public:
  static constexpr core::duration pushed_again_after = std::chrono::seconds(10);  // to one node

  // `key` is random and secret; `evictions` outlives it.
  held_document(identity::parsed_configuration first, const core::hash_key& key, core::counter& evictions)
      : document_(std::move(first)), pushed_to_(pushed_to_max, key, &evictions) {}

  // Its address stays the same whatever replaces it.
  [[nodiscard]] const identity::parsed_configuration& current() const noexcept { return document_; }

  // What `text` says, if it may replace this one: signed, newer, and of this overlay. `signers` are certificates that may have signed.
  // identity's errors.
  [[nodiscard]] core::result<identity::parsed_configuration> judge(const std::string& text,
                                                                   const std::vector<identity::certificate>& signers, core::wall_time now,
                                                                   std::string_view overlay_name) const;
  void replace(identity::parsed_configuration next) { document_ = std::move(next); }

  // As a ConfigUpdate. Nothing: there is none, or it is too long for one message, so that whoever lacks it comes for it piece by piece.
  [[nodiscard]] std::optional<message_contents> update() const;
  // Whether it goes to `n`, which asks with an older one, now: not each time.
  [[nodiscard]] bool may_push(const node_id& n, core::time_point now);
  // The piece that a RouteQuery(document) asks for.
  [[nodiscard]] core::bytes piece(core::byte_view question) const;

 private:
  static constexpr std::size_t pushed_to_max = 4096;

  identity::parsed_configuration document_;
  core::bounded_map<node_id, core::time_point> pushed_to_;  // not again until then
};

}  // namespace phyllo::overlay
