//! Who brought whom, level after level: one statement for the members of each.

use std::collections::{BTreeMap, HashMap, HashSet};

use vigie_core::vocabulary::UserId;

use super::evidence::{inviter_names, named};
use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::{MEMBERS_PER_STATEMENT, TREE_DEPTH_MAX, TREE_NODES_MAX},
    query::Query,
    question::{InviteTree, InviteTreeQuestion, TreeNode},
    value::{id, key, sum},
};

/// A member of the tree under construction.
#[derive(Clone, Copy, Debug)]
struct Node {
    member: i64,
    parent: Option<i64>,
    depth: u32,
    joined_at: Option<i64>,
}

impl Store {
    /// Who brought whom: each member under whoever brought them last.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn invite_tree(
        &self,
        question: &InviteTreeQuestion,
    ) -> Result<InviteTree, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(InviteTree::default());
        };
        let mut at = self.read.snapshot().await?;
        let limit = question.limit.min(TREE_NODES_MAX) as usize;
        let depth = question.depth.min(TREE_DEPTH_MAX);
        let (mut nodes, mut is_cut) = roots(&mut at, guild, question, limit).await?;
        let mut placed: HashSet<i64> = nodes.iter().map(|node| node.member).collect();
        let mut level = 0..nodes.len();
        while !level.is_empty() {
            let parents: Vec<i64> = nodes[level.clone()].iter().map(|node| node.member).collect();
            let below = nodes[level.start].depth + 1;
            let mut children = children(&mut at, guild, question, &parents, limit + 1).await?;
            children.retain(|child| placed.insert(child.0));
            let room = if below > depth { 0 } else { limit - nodes.len() };
            is_cut |= children.len() > room;
            children.truncate(room);
            level = nodes.len()..nodes.len() + children.len();
            nodes.extend(children.into_iter().map(|(member, parent, joined_at)| Node {
                member,
                parent: Some(parent),
                depth: below,
                joined_at: Some(joined_at),
            }));
        }
        Ok(InviteTree { nodes: named_nodes(&mut at, guild, question, nodes).await?, is_cut })
    }
}

/// The joins `t` of a range that are attributed to somebody else, each the last of its member that is.
fn last_joins(query: &mut Query, guild: &str, question: &InviteTreeQuestion) -> String {
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    format!(
        "t.guild_id = {guild} AND t.joined_at_ms >= {from} AND t.joined_at_ms < {to} AND t.confidence > 0 \
         AND t.inviter_id <> t.member_id AND NOT EXISTS (SELECT 1 FROM invite_tracking l WHERE l.guild_id = {guild} \
         AND l.member_id = t.member_id AND l.joined_at_ms > t.joined_at_ms AND l.joined_at_ms < {to} AND l.confidence > 0 \
         AND l.inviter_id IS NOT NULL AND l.inviter_id <> l.member_id)"
    )
}

/// The top of the tree, and whether there are more.
async fn roots(
    at: &mut Snapshot,
    guild: i64,
    question: &InviteTreeQuestion,
    limit: usize,
) -> sqlx::Result<(Vec<Node>, bool)> {
    let node = |member| Node { member, parent: None, depth: 0, joined_at: None };
    if let Some(root) = question.root {
        return Ok((key(root.0).map(node).into_iter().take(limit).collect(), false));
    }
    let mut query = Query::default();
    let g = query.bind(guild);
    let last = last_joins(&mut query, &g, question);
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    let most = query.bind(limit as i64 + 1);
    let statement = query.text(format!(
        "SELECT t.inviter_id, COUNT(*) AS brought FROM invite_tracking t WHERE {last} \
         AND NOT EXISTS (SELECT 1 FROM invite_tracking b WHERE b.guild_id = {g} AND b.member_id = t.inviter_id AND b.joined_at_ms >= {from} \
         AND b.joined_at_ms < {to} AND b.confidence > 0 AND b.inviter_id IS NOT NULL AND b.inviter_id <> b.member_id) \
         GROUP BY t.inviter_id ORDER BY 2 DESC, 1 LIMIT {most}"
    ));
    let rows: Vec<(i64, i64)> = statement.all(at).await?;
    let is_cut = rows.len() > limit;
    Ok((rows.into_iter().take(limit).map(|row| node(row.0)).collect(), is_cut))
}

/// Members brought by these, with who brought them and when: in the order of those who brought them, then of their joins.
async fn children(
    at: &mut Snapshot,
    guild: i64,
    question: &InviteTreeQuestion,
    parents: &[i64],
    limit: usize,
) -> sqlx::Result<Vec<(i64, i64, i64)>> {
    let mut found: Vec<(i64, i64, i64)> = Vec::new();
    for piece in parents.chunks(MEMBERS_PER_STATEMENT) {
        let mut query = Query::default();
        let g = query.bind(guild);
        let last = last_joins(&mut query, &g, question);
        let list = query.bind_list(piece.iter().copied());
        let limit = query.bind(limit as i64);
        let statement = query.text(format!(
            "SELECT t.member_id, t.inviter_id, t.joined_at_ms FROM invite_tracking t WHERE {last} AND t.inviter_id IN ({list}) \
             ORDER BY t.inviter_id, t.joined_at_ms, t.member_id LIMIT {limit}"
        ));
        found.extend(statement.all::<(i64, i64, i64)>(at).await?);
    }
    let place: HashMap<i64, usize> = parents.iter().copied().zip(0..).collect();
    found.sort_by_key(|child| (place.get(&child.1).copied(), child.2, child.0));
    Ok(found)
}

/// Nodes with names and numbers.
async fn named_nodes(
    at: &mut Snapshot,
    guild: i64,
    question: &InviteTreeQuestion,
    nodes: Vec<Node>,
) -> sqlx::Result<Vec<TreeNode>> {
    let members: Vec<i64> = nodes.iter().map(|node| node.member).collect();
    let names = inviter_names(at, guild, members.iter().copied()).await?;
    let (mut brought, mut stays) = (HashMap::new(), BTreeMap::new());
    for piece in members.chunks(MEMBERS_PER_STATEMENT) {
        let mut query = Query::default();
        let g = query.bind(guild);
        let last = last_joins(&mut query, &g, question);
        let list = query.bind_list(piece.iter().copied());
        let statement = query.text(format!(
            "SELECT t.inviter_id, COUNT(*) FROM invite_tracking t WHERE {last} AND t.inviter_id IN ({list}) GROUP BY t.inviter_id"
        ));
        brought.extend(statement.all::<(i64, i64)>(at).await?);
        let mut query = Query::default();
        let g = query.bind(guild);
        let list = query.bind_list(piece.iter().copied());
        let statement = query.text(format!(
            "SELECT s.member_id, s.since_ms, s.left_at_ms FROM member_stays s WHERE s.guild_id = {g} AND s.member_id IN ({list})"
        ));
        for (member, since, left) in statement.all::<(i64, i64, Option<i64>)>(at).await? {
            stays.insert((member, since), left.is_none());
        }
    }
    let place: HashMap<i64, usize> = members.iter().copied().zip(0..).collect();
    let mut below = vec![0_u64; nodes.len()];
    for (at, node) in nodes.iter().enumerate().rev() {
        if let Some(parent) = node.parent.and_then(|parent| place.get(&parent)) {
            below[*parent] += below[at] + 1;
        }
    }
    let is_member = |node: &Node| match node.joined_at {
        Some(joined_at) => stays.get(&(node.member, joined_at)).copied(),
        None => {
            let known = stays.range((node.member, i64::MIN)..=(node.member, i64::MAX));
            known.map(|(_, is_open)| *is_open).reduce(|any, is_open| any | is_open)
        }
    };
    let tree_node = |(node, below): (&Node, u64)| TreeNode {
        member: named(node.member, &names),
        parent: node.parent.map(|parent| UserId(id(parent))),
        depth: node.depth,
        joined_at_ms: node.joined_at,
        is_member: is_member(node),
        brought: sum(brought.get(&node.member).copied().unwrap_or(0)),
        below,
    };
    Ok(nodes.iter().zip(below).map(tree_node).collect())
}
