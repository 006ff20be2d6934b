// How this node's clock stands to those of its neighbours and of the server that gave it the configuration document, and whether it can
// judge what others say: certificates are valid for a time, and a node whose clock is wrong takes good ones for bad (specification of the
// Pastry plug-in, clocks). Pure: it is told the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/told_time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class clock_watch {
 public:
  static constexpr core::duration tolerance = std::chrono::minutes(1);  // Attach and storage bear that
  static constexpr core::duration remembered = std::chrono::minutes(5);
  static constexpr core::duration server_remembered = std::chrono::minutes(30);  // the document is fetched every ten minutes at most
  static constexpr core::duration unjudged_for = std::chrono::seconds(30);  // since the last message that was not believed for its time

  explicit clock_watch(const core::hash_key& key);

  // What this node's wall clock shows, less its steady one: before anything else is told or asked, since the clock may have been set
  // meanwhile.
  void shows(core::duration own) { own_ = own; }
  // `n` has said its time itself, on its own link, and is `ahead` of this node's clock (or behind it).
  void told(const node_id& n, core::duration ahead, core::time_point now);
  // A server that TLS authenticates has said its time. It counts where neighbours are too few to say which clock is wrong.
  void told(core::told_time t) { server_ = std::move(t); }
  // A message of `n`'s own link was dropped, because its certificate is not valid by this node's clock; or was believed.
  void unjudged(const node_id& n, core::time_point now) { unjudged_.try_emplace(n).first = now; }
  void judged(const node_id& n) { unjudged_.erase(n); }
  [[nodiscard]] bool troubled() const noexcept { return !unjudged_.empty(); }

  struct standing {
    core::duration ahead{};  // the others, of this node; the median
    std::size_t by = 0;      // how many have said their time lately
  };
  [[nodiscard]] standing of_others(core::time_point now) const;
  // By how much `n` is ahead of the others; nothing: it has not said, or is within the tolerance.
  [[nodiscard]] std::optional<core::duration> off(const node_id& n, core::time_point now) const;
  [[nodiscard]] bool wrong(core::time_point now) const;  // this node's, as most others see it
  // What makes this node's clock right: nothing where it is, or where of two or three nobody knows which is wrong.
  [[nodiscard]] core::duration correction(core::time_point now) const;
  // Somebody else has said the time lately, and this node's is the same, or is put right.
  [[nodiscard]] bool agreed(core::time_point now) const;
  // By how much the server is ahead of the neighbours, where these are enough to say so; nothing: it is not off, or nobody can tell.
  [[nodiscard]] std::optional<core::duration> server_off(core::time_point now) const;
  [[nodiscard]] bool by_server(core::time_point now) const;  // its word counts, since too few others can say
  [[nodiscard]] const std::string& server() const noexcept { return server_.by; }

  // The clock is wrong, and more than half of the `linked` peers can not be judged for it.
  [[nodiscard]] bool blind(std::size_t linked, core::time_point now);
  // For people; empty: the clock is right, as far as others have said.
  [[nodiscard]] std::string text(core::time_point now) const;

 private:
  struct reading {
    core::duration shows{};  // wall clock less this node's steady one
    core::time_point at{};
  };
  // The others, by whom most is known.
  [[nodiscard]] standing of_those_who_know(core::time_point now) const;

  core::duration own_{};
  core::bounded_map<node_id, reading> told_;
  core::told_time server_;
  reading most_;  // the median of what was told lately, when the last was
  std::size_t most_by_ = 0;
  core::bounded_map<node_id, core::time_point> unjudged_;
};

}  // namespace phyllo::overlay
