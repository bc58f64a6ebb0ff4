//! Users and members: who wrote, who reacted. Only what makes history readable is read.

use std::borrow::Cow;

use vigie_core::vocabulary::{AuthorKind, Person, UserId};

use super::scan::Scanner;
use super::value::Given;

/// The fields of a user object that are read. Source: Discord, "Users Resource", User Structure.
#[derive(Default)]
pub(super) struct User<'a> {
    pub(super) id: Given<u64>,
    username: Option<Cow<'a, str>>,
    global_name: Option<Cow<'a, str>>,
    avatar: Option<Cow<'a, str>>,
    bot: bool,
}

/// The fields of a member object that are read. Source: Discord, "Guild Resource", Guild Member Object.
#[derive(Default)]
pub(super) struct Member<'a> {
    pub(super) nick: Option<Cow<'a, str>>,
    pub(super) user: Option<User<'a>>,
}

impl<'a> User<'a> {
    /// Reads the value under the cursor; `None` if it is not an object.
    pub(super) fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        let mut user = Self::default();
        user.read_in_place(scanner).then_some(user)
    }

    /// The same into a user that is there already, in place of what it was; `false` if it is not an object.
    pub(super) fn read_in_place(&mut self, scanner: &mut Scanner<'a>) -> bool {
        *self = Self::default();
        if !scanner.enter(b'{') {
            return false;
        }
        while let Some(key) = scanner.key_where(|key| {
            matches!(key, b"id" | b"username" | b"global_name" | b"avatar" | b"bot")
        }) {
            match key {
                b"id" => self.id = scanner.id(),
                b"username" => self.username = scanner.name(),
                b"global_name" => self.global_name = scanner.name(),
                b"avatar" => self.avatar = scanner.hash(),
                b"bot" => self.bot = scanner.is_true(),
                _ => scanner.skip(),
            }
        }
        true
    }

    /// A bot's account or a person's.
    pub(super) fn kind(&self) -> AuthorKind {
        if self.bot { AuthorKind::Bot } else { AuthorKind::Human }
    }

    /// Whether there is a name to remember.
    pub(super) fn is_named(&self) -> bool {
        self.username.is_some()
    }

    /// The person behind it, under the id and kind that the event gives; a nickname goes before the global name.
    #[inline(always)]
    pub(super) fn into_person(
        self,
        id: u64,
        kind: AuthorKind,
        nick: Option<Cow<'a, str>>,
    ) -> Person<'a> {
        Person {
            id: UserId(id),
            kind,
            username: self.username.unwrap_or_default(),
            display_name: nick.or(self.global_name),
            avatar: self.avatar,
        }
    }
}

impl<'a> Member<'a> {
    /// Reads the value under the cursor; `None` if it is not an object.
    pub(super) fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut member = Self::default();
        while let Some(key) = scanner.key_where(|key| matches!(key, b"nick" | b"user")) {
            match key {
                b"nick" => member.nick = scanner.name(),
                b"user" => member.user = User::read(scanner),
                _ => scanner.skip(),
            }
        }
        Some(member)
    }

    /// The person behind it, if it is the member of this id and has a name.
    pub(super) fn into_person(self, id: u64) -> Option<Person<'a>> {
        let user = self.user.filter(|user| user.is_named() && user.id == Given::Is(id))?;
        let kind = user.kind();
        Some(user.into_person(id, kind, self.nick))
    }
}
