// Comparison of what two nodes hold in an arc: a 16-ary tree of digests, descended where they differ (storage.md, S).
#pragma once

#include <vector>

#include "storage/replica_store.hpp"

namespace phyllo::overlay {

// What a comparison says of one entry.
struct sync_item {
  item_key key;
  phyllo::overlay::version version;
  friend bool operator==(const sync_item&, const sync_item&) = default;
};

inline constexpr std::size_t tree_width = 16;

// SHA-256/128 over the digests of the arc's values, in order.
[[nodiscard]] item_digest arc_digest(const replica_store& store, const arc& a);
// The arc's sixteen parts of equal width, the last one with what is left; fewer where it has fewer points.
[[nodiscard]] std::vector<arc> split(const arc& a);
// In order; stops once their encoding is longer than `bytes`.
[[nodiscard]] std::vector<sync_item> list_items(const replica_store& store, const arc& a, std::size_t bytes);

struct difference {
  std::vector<item_key> wanted;   // theirs is higher, or unknown here
  std::vector<item_key> offered;  // ours is higher, or unknown there
};
[[nodiscard]] difference compare(const replica_store& store, const arc& a, const std::vector<sync_item>& theirs,
                                 const version_order& order = {});

}  // namespace phyllo::overlay
