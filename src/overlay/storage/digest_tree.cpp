#include "storage/digest_tree.hpp"

#include <algorithm>
#include <map>

#include "phyllo/identity/digest.hpp"

namespace phyllo::overlay {

item_digest arc_digest(const replica_store& store, const arc& a) {
  core::bytes text;
  store.for_each(a, [&](const auto&, kind_id, const auto&, const held_value& v) { core::append(text, v.digest); });
  const auto whole = identity::sha256(text);
  item_digest d{};
  std::copy_n(whole.begin(), d.size(), d.begin());
  return d;
}

std::vector<arc> split(const arc& a) {
  const auto first = to_integer(a.first);
  const auto last = to_integer(a.last);
  const auto step = std::max<uint128>((last - first) / tree_width, 1);
  std::vector<arc> parts;
  auto from = first;
  while (parts.size() + 1 < tree_width && last - from >= step) {
    parts.push_back({from_integer(from), from_integer(from + step - 1)});
    from += step;
  }
  parts.push_back({from_integer(from), a.last});
  return parts;
}

std::vector<sync_item> list_items(const replica_store& store, const arc& a, std::size_t bytes) {
  constexpr std::size_t fixed = 17 + 4 + 2 + 8 + 32;  // Resource-ID, Kind, length, storage time, hash
  std::vector<sync_item> items;
  std::size_t used = 0;
  store.for_each_while(a, [&](const resource_id& resource, kind_id kind, const core::bytes& entry, const held_value& v) {
    used += fixed + entry.size();
    items.push_back({{resource, kind, entry}, v.version});
    return used <= bytes;
  });
  return items;
}

difference compare(const replica_store& store, const arc& a, const std::vector<sync_item>& theirs, const version_order& order) {
  difference d;
  std::map<item_key, version> known;
  for (const auto& item : theirs) {
    if (!a.contains(item.key.resource)) continue;
    known.emplace(item.key, item.version);
    const auto* ours = store.find(item.key);
    if (ours == nullptr || order.older(ours->version, item.version)) d.wanted.push_back(item.key);
  }
  store.for_each(a, [&](const resource_id& resource, kind_id kind, const core::bytes& entry, const held_value& v) {
    item_key key{resource, kind, entry};
    const auto at = known.find(key);
    if (at == known.end() || order.older(at->second, v.version)) d.offered.push_back(std::move(key));
  });
  return d;
}

}  // namespace phyllo::overlay
